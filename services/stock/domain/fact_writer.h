// FactWriter: what a fact about goods on hand becomes in the log: of which message of which source
// it is, whether the position's last count has it, in which condition the goods are.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_FACT_WRITER_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_FACT_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/base/time.h"
#include "services/stock/domain/attribution.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/sources.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock::internal {

// Of one command, which may tell several facts in one message. Not thread-safe.
class FactWriter {
 public:
  // Events go to the end of `events`. All must outlive the writer.
  FactWriter(const State& state, Instant now, const Attribution& attribution, Events& events)
      : state_(state), now_(now), attribution_(attribution), events_(events) {}

  // The message is told from here on: its source is registered if it is new, and an alarm raised if
  // a message before this one is missing. The first event that follows has it; without one,
  // LogMessage says that it came.
  void BeginMessage(const SourceMessage& message, uint64_t fingerprint);
  void LogMessage(TransferIndex about = TransferIndex::kNone);
  // What is left of it for the events behind the first: its number.
  const MessageRef& message() const { return message_; }

  // Once, until it is counted.
  void RequestCount(SkuIndex sku, LocationIndex location, DiscrepancyCause cause);

  // Units that came, went, or were set (`a` says which); names must be registered. Whether the
  // position's last count has them. `fingerprint` is that of the effect, if it has a key.
  bool Adjust(SkuIndex sku, LocationIndex location, const Adjustment& a, uint64_t fingerprint);
  // Units that are in another condition now; what was known of the old one may be fewer.
  void ChangeCondition(SkuIndex sku, LocationIndex location, const Adjustment& a,
                       uint64_t fingerprint);

 private:
  // What there is at a position once what has been written is applied.
  struct Found {
    Balances balances;
    ConditionCounts conditions;
  };
  Found& At(SkuIndex sku, LocationIndex location);
  // The effect's key and the message go with the first event.
  void Append(StockAdjusted adjusted, Found& found);
  // Of the next event: the message itself once, and its number only with the others.
  MessageRef TakeMessage();

  const State& state_;
  const Instant now_;
  const Attribution& attribution_;
  Events& events_;
  MessageRef message_;
  absl::flat_hash_map<uint64_t, Found> found_;
  absl::flat_hash_set<uint64_t> requested_;
};

}  // namespace quartermaster::stock::internal

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_FACT_WRITER_H_
