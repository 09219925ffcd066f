#include "services/orders/app/order_machine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "services/base/check.h"
#include "services/orders/codec/event_codec.h"
#include "services/orders/domain/apply.h"
#include "services/orders/domain/decide.h"
#include "services/orders/domain/due.h"
#include "services/orders/domain/settle_payments.h"

namespace quartermaster::orders {
namespace {

// The first byte of an outcome: what follows it.
constexpr char kOutcomes = 'o';  // EncodeOutcomes
constexpr char kRefusal = 'r';   // google.rpc.Status

// The most, in bytes, that a request's events may have together; the rest is for its outcomes, of
// which each has some ids or tells of some lines, and for what follows for payments.
constexpr size_t kEventsBytesMax = 2 << 20;
static_assert(kEventsBytesMax <= engine::kCommandBytesMax - (1 << 20));

}  // namespace

absl::Status OrderMachine::Replay(const storage::Record& record, Instant time) {
  absl::StatusOr<Event> event = DecodeEvent(record.type, record.version, record.payload);
  if (!event.ok()) {
    return absl::Status(event.status().code(),
                        absl::StrCat("record ", record.position, ": ", event.status().message()));
  }
  ApplyAt(*event, record.position, time);
  return absl::OkStatus();
}

int OrderMachine::ExpireDue(Instant now, int max, storage::FrameBuilder& frame) {
  const size_t start = frame.size();
  int done = 0;
  while (done < max) {
    const std::vector<Event> events = DecideDue(state_, now);
    if (events.empty() || !Log(events, now, start, frame)) break;
    ++done;
  }
  return done;
}

bool OrderMachine::Log(const std::vector<Event>& events, Instant now, size_t start,
                       storage::FrameBuilder& frame) {
  const storage::FrameBuilder::Mark before = frame.mark();
  AddTo(events, frame);
  if (frame.size() - start > kEventsBytesMax) {
    frame.Rewind(before);
    return false;
  }
  storage::Position position = before.next;
  for (const Event& event : events) ApplyAt(event, position++, now);
  SettleBehind(state_, events, [this, now, &frame](const std::vector<Event>& more) {
    storage::Position next = frame.mark().next;
    AddTo(more, frame);
    for (const Event& event : more) ApplyAt(event, next++, now);
  });
  return true;
}

void OrderMachine::AddTo(const std::vector<Event>& events, storage::FrameBuilder& frame) {
  for (const Event& event : events) {
    const auto [type, version] = EncodeEvent(event, payload_);
    frame.Add(type, version, payload_);
  }
}

bool OrderMachine::Execute(engine::Submission& submission, Instant now,
                           storage::FrameBuilder& frame, std::string& outcome) {
  auto& mine = static_cast<OrderSubmission&>(submission);
  mine.outcomes.clear();
  if (mine.refusal) {
    outcome.push_back(kRefusal);
    outcome.append(runtime::ToRpcStatus(*mine.refusal).SerializeAsString());
    return true;
  }
  const size_t start = frame.size();
  for (const Command& command : mine.commands) {
    Decision decision = Decide(state_, command, now);
    if (!Log(decision.events, now, start, frame)) {
      if (mine.commands.size() == 1) return false;
      // The facts of a batch are on their own: those before it stand.
      decision = {.rejection = TooLarge{}};
    }
    mine.outcomes.push_back({std::move(decision.result), std::move(decision.rejection)});
  }
  // Whoever asked plans anew, under the same request id.
  mine.provisional = mine.commands.size() == 1 && mine.outcomes[0].rejection.has_value() &&
                     std::holds_alternative<IntentStale>(*mine.outcomes[0].rejection);
  outcome.push_back(kOutcomes);
  EncodeOutcomes(mine.outcomes, outcome);
  return true;
}

void OrderMachine::Recall(engine::Submission& submission, std::string_view outcome,
                          storage::Position position) {
  auto& mine = static_cast<OrderSubmission&>(submission);
  mine.outcomes.clear();
  mine.refusal.reset();
  QM_CHECK(!outcome.empty()) << "the outcome at position " << position << " is empty";
  const std::string_view bytes = outcome.substr(1);
  if (outcome[0] == kRefusal) {
    google::rpc::Status status;
    QM_CHECK(status.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        << "the outcome at position " << position << " is damaged";
    mine.refusal = runtime::FromRpcStatus(status);
    return;
  }
  absl::StatusOr<std::vector<Outcome>> outcomes = DecodeOutcomes(bytes);
  QM_CHECK(outcomes.ok()) << "the outcome at position " << position << ": "
                          << outcomes.status().ToString();
  mine.outcomes = *std::move(outcomes);
}

void OrderMachine::Publish(storage::Position head, Instant time) {
  view_->Publish(state_, changes_, head);
  if (listener_) listener_(changes_, head);
  changes_.Clear();
}

void OrderMachine::ApplyAt(const Event& event, storage::Position position, Instant time) {
  Apply(state_, event, position, time);
  const std::string_view order_id = OrderIdOf(event);
  if (!order_id.empty()) {
    changes_.orders.emplace(order_id);
    changes_.history.emplace_back(order_id, position);
  } else if (const std::string_view return_id = ReturnIdOf(event); !return_id.empty()) {
    changes_.returns.emplace(return_id);
  }
  if (const auto* received = std::get_if<ReturnReceived>(&event);
      received != nullptr && !received->matched_from.empty()) {
    changes_.returns.insert(received->matched_from);
  }
  if (const std::string_view return_id = ReturnIdOf(event);
      order_id.empty() && !return_id.empty()) {
    // The order that it is of by now may go on.
    const Return* unmatched = FindReturn(state_, std::string(return_id));
    if (unmatched != nullptr && !unmatched->matched_return_id.empty()) {
      changes_.orders.emplace(ParseReturnId(unmatched->matched_return_id)->order_id);
    }
  }
  if (std::holds_alternative<ExceptionRaised>(event)) changes_.exceptions.insert(position);
  if (const auto* resolved = std::get_if<ExceptionResolved>(&event)) {
    changes_.exceptions.insert(resolved->exception);
  }
  if (const auto* set = std::get_if<FulfilmentPolicySet>(&event)) {
    changes_.policies.insert(set->channel_id);
  }
}

}  // namespace quartermaster::orders
