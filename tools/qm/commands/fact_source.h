// Who tells a fact, in which message, and when it happened: options that commands share.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_FACT_SOURCE_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_FACT_SOURCE_H_

#include <cstdint>
#include <string>

#include "tools/qm/commands/names.h"
#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

struct FactSource {
  // Which message it is.
  std::string source;
  int64_t sequence = 0;
  std::string message_id;
  // RFC 3339; empty: now.
  std::string at;
};

// `from` must outlive the command.
inline void AddFactSource(Subcommand command, FactSource& from) {
  command.Option("--source", from.source, "Who tells it: it is one of its messages");
  command.Option("--sequence", from.sequence, "The message's number");
  command.Option("--message-id", from.message_id, "The message's id, if not its number");
  command.Option("--at", from.at, "When it happened, if not now (RFC 3339)");
}

inline constexpr char kFactSourceUsage[] = "--at is a time like 2026-11-27T08:00:00Z";
// False if --at is no time: kFactSourceUsage.
template <typename Fact>
bool SetFactSource(const FactSource& from, Fact* fact) {
  if (!from.source.empty()) {
    fact->mutable_message()->set_source(from.source);
    fact->mutable_message()->set_sequence(from.sequence);
    fact->mutable_message()->set_message_id(from.message_id);
  }
  return from.at.empty() || ParseTime(from.at, fact->mutable_business_time());
}

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_FACT_SOURCE_H_
