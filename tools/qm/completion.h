// Completion: what may follow on a command line, by the tree of commands itself. The shells'
// scripts ask `qm __complete WORDS...` for it.
#ifndef QUARTERMASTER_TOOLS_QM_COMPLETION_H_
#define QUARTERMASTER_TOOLS_QM_COMPLETION_H_

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace quartermaster::qm {

inline constexpr std::string_view kCompleteWord = "__complete";

// What the last word, which may be empty, can become: subcommands, options, or the values of an
// option or argument that has a fixed set of them. Empty: nothing, or a file. `words` come after
// "qm".
std::vector<std::string> Complete(CLI::App& root, const std::vector<std::string>& words);

// The fixed set of an option's values; empty if there is none.
std::vector<std::string> ChoicesOf(const CLI::Option& option);

// To be sourced by "bash", "zsh" or "fish"; empty for another shell.
std::string CompletionScript(std::string_view shell);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMPLETION_H_
