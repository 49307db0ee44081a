import Testing
import UV

/// libxcrypt, by its name in Swift.
struct CryptTests {
  private static let setting = "$7$46..../....abcdefghijklmnop"

  @Test func thePhraseAndTheSettingMakeTheHash() throws {
    let hash = try Crypt.hash("secret", setting: Self.setting)
    #expect(hash.hasPrefix(Self.setting + "$") && hash.utf8.count == Self.setting.utf8.count + 44)
    #expect(try Crypt.hash("secret", setting: hash) == hash)
    #expect(try Crypt.hash("secret2", setting: hash) != hash)
    #expect(
      try Crypt.hash("secret", setting: Self.setting.replacing("abc", with: "abd")) != hash)
  }

  /// Example of the specification of SHA-crypt: it is crypt(3) that is called, and nothing else.
  @Test func aPublishedExampleComesOutTheSame() throws {
    #expect(
      try Crypt.hash("Hello world!", setting: "$5$saltstring")
        == "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5")
  }

  @Test(arguments: ["", "*0", "$9$nonsense$", "$7$46..../"])
  func aSettingThatIsNoneIsAnError(setting: String) {
    #expect(throws: UVError(code: -22, operation: "hash a key")) {
      try Crypt.hash("secret", setting: setting)
    }
  }
}
