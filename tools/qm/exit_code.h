// What `qm` returns to the shell. Part of its contract: scripts branch on these.
#ifndef QUARTERMASTER_TOOLS_QM_EXIT_CODE_H_
#define QUARTERMASTER_TOOLS_QM_EXIT_CODE_H_

namespace quartermaster::qm {

enum ExitCode : int {
  kOk = 0,
  // It ran to its end, and something did not pass: `verify` found a difference, `import` rejected
  // lines, `status` found a part that does not serve.
  kDifference = 1,
  // The command line, or a value on it, is wrong. Nothing was sent.
  kUsage = 2,
  // The server answered with a typed refusal.
  kRefused = 3,
  // No answer: unreachable, overloaded, not serving, or out of time. The same command with the
  // same request id is safe to repeat.
  kUnreachable = 4,
  // A local file or directory cannot be read or written, or is damaged.
  kLocalFile = 5,
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_EXIT_CODE_H_
