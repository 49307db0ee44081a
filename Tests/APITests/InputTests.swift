import API
import Testing

@Suite struct InputTests {
  @Test(arguments: [
    (#"{"input": "text"}"#, "text\n", false),
    (#"{"input": "text", "newline": true, "close": false}"#, "text\n", false),
    (#"{"input": "text", "newline": false}"#, "text", false),
    (#"{"input": "text", "newline": null, "close": null}"#, "text\n", false),
    (#"{"input": ""}"#, "\n", false),
    (#"{"input": "", "newline": false}"#, "", false),
    (#"{"input": "q", "close": true}"#, "q\n", true),
    (#"{"close": true}"#, "", true),
    (#"{"input": null, "close": true, "newline": true}"#, "", true),
    (#"{"input": "a\u0000b\né😀"}"#, "a\0b\né😀\n", false),
  ])
  func inputIsTextAndANewline(body: String, bytes: String, closes: Bool) throws {
    var reception = Reception()
    guard case .input("web", let request) = reception.ask("POST", "/input/web", body) else {
      throw Unexpected()
    }
    #expect(request == InputRequest(bytes: Array(bytes.utf8), closes: closes))
  }

  @Test(arguments: [
    ("", "the body is empty, but POST /input/{id} needs a JSON object"),
    ("[]", "the body must be a JSON object, not an array"),
    ("{}", #""input" is missing: the text to send, or "close": true to end the input"#),
    (
      #"{"close": false}"#,
      #""input" is missing: the text to send, or "close": true to end the input"#
    ),
    (#"{"input": 5}"#, #""input" must be a string, not a number"#),
    (#"{"input": "a", "newline": "no"}"#, #""newline" must be true or false, not a string"#),
    (#"{"input": "a", "close": 1}"#, #""close" must be true or false, not a number"#),
    (#"{"imput": "a"}"#, #"unknown field "imput": did you mean "input"?"#),
    (#"{"text": "a"}"#, #"unknown field "text": the fields are input, newline, close"#),
    ("text", "the body is not valid JSON: line 1, column 2: expected 'true', found 'e'"),
  ])
  func otherBodiesAreRefused(body: String, expected: String) throws {
    var reception = Reception()
    let answer = try reception.ask("POST", "/input/web", body).answer
    #expect(answer.status == 400)
    #expect(try answer.message == expected)
  }
}
