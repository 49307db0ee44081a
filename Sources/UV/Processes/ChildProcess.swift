/// Stage two.
package final class ChildProcess {}
