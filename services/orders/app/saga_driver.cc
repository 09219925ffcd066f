#include "services/orders/app/saga_driver.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "services/orders/app/backoff.h"
#include "services/orders/app/reroute_job.h"

namespace quartermaster::orders {
namespace {

// How long one round of sourcing goes on asking peers that do not answer; then it starts afresh.
constexpr Micros kSourcingRound = Seconds(30);

std::string NameOfReason(const PeerError& error) {
  return common::v1::ErrorReason_Name(error.reason);
}

StockAdjustment::Condition ToStock(Condition condition) {
  switch (condition) {
    case Condition::kSellable:
      return StockAdjustment::Condition::kSellable;
    case Condition::kDamaged:
      return StockAdjustment::Condition::kDamaged;
    case Condition::kInspection:
      return StockAdjustment::Condition::kInspection;
  }
  return StockAdjustment::Condition::kInspection;
}

std::vector<StockPart> ToStock(const std::vector<ReservationUnits>& units) {
  std::vector<StockPart> parts;
  parts.reserve(units.size());
  for (const ReservationUnits& part : units) {
    parts.push_back({part.line_id, part.location_id, part.quantity});
  }
  return parts;
}

StockAdjust ToAdjust(const std::string& key, const std::vector<StockEffect>& effects,
                     StockAdjustment::Kind kind, std::optional<Instant> business_time,
                     const Attribution& attribution) {
  StockAdjust request = {.request_id = key, .adjustments = {}, .attribution = attribution};
  for (const StockEffect& effect : effects) {
    request.adjustments.push_back(
        {.sku = effect.sku,
         .location_id = effect.location_id,
         .kind = kind,
         .delta = kind == StockAdjustment::Kind::kSold ? -effect.quantity : effect.quantity,
         .condition = ToStock(effect.condition),
         .effect_key = effect.effect_key,
         .business_time = business_time});
  }
  return request;
}

// True if it is not known, of all or of a part, what became of it.
template <typename T>
bool IsOpen(const PeerResult<T>& result) {
  const PeerError* error = GetError(result);
  return error != nullptr && error->retriable;
}
bool IsOpen(const PeerResult<StockAdjusted>& result) {
  if (const PeerError* error = GetError(result)) return error->retriable;
  const StockAdjusted& items = std::get<StockAdjusted>(result);
  return std::any_of(items.begin(), items.end(),
                     [](const std::optional<PeerError>& item) { return item && item->retriable; });
}

// The reason of the first refusal; empty if there is none.
std::string RefusalOf(const PeerResult<StockAdjusted>& result) {
  if (const PeerError* error = GetError(result)) return NameOfReason(*error);
  for (const std::optional<PeerError>& item : std::get<StockAdjusted>(result)) {
    if (item) return NameOfReason(*item);
  }
  return "";
}

template <typename T>
std::string RefusalOf(const PeerResult<T>& result) {
  const PeerError* error = GetError(result);
  return error == nullptr ? "" : NameOfReason(*error);
}

// The order and the unmatched return that an intent is of; one of them is empty.
std::pair<std::string, std::string> SubjectOf(const Intent& intent) {
  return std::visit(
      [](const auto& i) -> std::pair<std::string, std::string> {
        if constexpr (requires { i.return_id; }) {
          return {i.order_id, i.order_id.empty() ? i.return_id : ""};
        } else {
          return {i.order_id, ""};
        }
      },
      intent);
}

}  // namespace

struct SagaDriver::Flight {
  Intent intent;
  Instant begun;
  // When it was last told that the order makes no progress, or else when it began.
  Instant told;
  int retry = 0;
};

Micros SagaDriver::oldest_age() const {
  const Instant oldest{oldest_us_.load(std::memory_order_relaxed)};
  return oldest == kDistantFuture ? Micros{0} : std::max(loop_->clock().Now() - oldest, Micros{0});
}

void SagaDriver::NoteOldest() {
  const Instant oldest = begun_.empty() ? kDistantFuture : begun_.begin()->first;
  oldest_us_.store(oldest.unix_us, std::memory_order_relaxed);
}

void SagaDriver::Resume(std::vector<Intent> intents) {
  loop_->Post([this, intents = std::move(intents)]() mutable { Begin(std::move(intents)); });
}

void SagaDriver::OnChanged(const std::vector<std::string>& order_ids,
                           const std::vector<std::string>& return_ids) {
  for (const std::string& order_id : order_ids) Begin(Derive(order_id, ""));
  for (const std::string& return_id : return_ids) Begin(Derive("", return_id));
}

std::vector<Intent> SagaDriver::Derive(const std::string& order_id,
                                       const std::string& return_id) const {
  if (!order_id.empty()) {
    const std::shared_ptr<const Order> order = engine_->view().FindOrder(order_id);
    return order == nullptr ? std::vector<Intent>() : PendingIntents(*order);
  }
  const std::optional<Return> unmatched = engine_->view().FindReturn(return_id);
  return unmatched ? PendingIntents(*unmatched) : std::vector<Intent>();
}

void SagaDriver::Begin(std::vector<Intent> intents) {
  for (Intent& intent : intents) {
    std::string key(KeyOf(intent));
    if (!flying_.insert(key).second) continue;
    open_.fetch_add(1, std::memory_order_relaxed);
    const Instant now = loop_->clock().Now();
    begun_.emplace(now, std::move(key));
    NoteOldest();
    Perform(
        std::make_shared<Flight>(Flight{.intent = std::move(intent), .begun = now, .told = now}));
  }
}

void SagaDriver::Perform(const FlightPtr& flight) {
  std::visit([&](const auto& intent) { Do(flight, intent); }, flight->intent);
}

template <typename T>
PeerCallback<T> SagaDriver::Settle(const FlightPtr& flight,
                                   absl::AnyInvocable<Command(const PeerResult<T>&)> settle) {
  return [this, loop = loop_, flight, settle = std::move(settle)](PeerResult<T> result) mutable {
    loop->Post([this, flight, settle = std::move(settle), result = std::move(result)]() mutable {
      if (IsOpen(result)) return PerformLater(flight, RefusalOf(result));
      Report(flight, settle(result));
    });
  };
}

void SagaDriver::Do(const FlightPtr& flight, const ConfirmStock& intent) {
  StockConfirm request = {.request_id = intent.key,
                          .reservation_id = intent.reservation_id,
                          .rehold_lines = {},
                          .owner_id = intent.owner_id,
                          .channel_id = intent.channel_id,
                          .customer_ref = intent.customer_ref};
  for (const HoldLine& line : intent.lines) {
    request.rehold_lines.push_back({line.line_id, line.sku, line.location_id, line.quantity});
  }
  stock_->Confirm(
      std::move(request),
      Settle<StockReservation>(flight, [&intent](const PeerResult<StockReservation>& result) {
        const PeerError* error = GetError(result);
        if (error == nullptr) {
          return Command(ReportStockConfirmed{intent.order_id, intent.attempt,
                                              std::get<StockReservation>(result).reservation_id});
        }
        // Only this order confirms its hold: it was an earlier attempt to say so.
        if (error->reason == common::v1::RESERVATION_ALREADY_CONFIRMED) {
          return Command(
              ReportStockConfirmed{intent.order_id, intent.attempt, intent.reservation_id});
        }
        return Command(ReportConfirmFailed{intent.order_id, intent.attempt, NameOfReason(*error)});
      }));
}

void SagaDriver::Do(const FlightPtr& flight, const FulfilStock& intent) {
  stock_->Fulfil(
      {.request_id = intent.key,
       .reservation_id = intent.reservation_id,
       .parts = ToStock(intent.parts),
       .business_time = intent.business_time},
      Settle<StockReservation>(flight, [&intent](const auto& result) {
        return Command(ReportStockSettled{intent.order_id, intent.op, RefusalOf(result)});
      }));
}

void SagaDriver::Do(const FlightPtr& flight, const ReleaseStock& intent) {
  stock_->Release(
      {.request_id = intent.key,
       .reservation_id = intent.reservation_id,
       .parts = ToStock(intent.parts),
       .missing = intent.missing},
      Settle<StockReservation>(flight, [&intent](const auto& result) {
        return Command(ReportStockSettled{intent.order_id, intent.op, RefusalOf(result)});
      }));
}

void SagaDriver::Do(const FlightPtr& flight, const SellStock& intent) {
  stock_->Adjust(
      ToAdjust(intent.key, intent.effects, StockAdjustment::Kind::kSold, intent.business_time,
               intent.attribution),
      Settle<StockAdjusted>(flight, [&intent](const auto& result) {
        return Command(ReportStockSettled{intent.order_id, intent.op, RefusalOf(result)});
      }));
}

void SagaDriver::Do(const FlightPtr& flight, const RestockReturn& intent) {
  stock_->Adjust(ToAdjust(intent.key, intent.effects, StockAdjustment::Kind::kReturned,
                          std::nullopt, intent.attribution),
                 Settle<StockAdjusted>(flight, [&intent](const auto& result) {
                   return Command(ReportReturnRestocked{intent.return_id, RefusalOf(result)});
                 }));
}

void SagaDriver::Do(const FlightPtr& flight, const ReclassifyReturn& intent) {
  StockAdjust request =
      ToAdjust(intent.key, intent.effects, StockAdjustment::Kind::kConditionChanged, std::nullopt,
               intent.attribution);
  for (size_t i = 0; i < intent.from.size(); ++i) {
    request.adjustments[i].from = ToStock(intent.from[i]);
  }
  stock_->Adjust(
      std::move(request), Settle<StockAdjusted>(flight, [&intent](const auto& result) {
        return Command(ReportReclassified{intent.return_id, intent.inspection, RefusalOf(result)});
      }));
}

void SagaDriver::Do(const FlightPtr& flight, const Reroute& intent) {
  SourcingJob job = JobOf(intent, OwnerId(intent.order_id, intent.attempt));
  job.give_up = loop_->clock().Now() + kSourcingRound;
  sourcing_->Run(std::move(job), [this, flight, &intent](PeerResult<Sourced> result) {
    if (const PeerError* error = GetError(result)) {
      return PerformLater(flight, NameOfReason(*error));
    }
    OnRerouted(flight, intent, std::move(std::get<Sourced>(result)));
  });
}

void SagaDriver::OnRerouted(const FlightPtr& flight, const Reroute& intent, Sourced sourced) {
  ReportRerouted report = {.order_id = intent.order_id,
                           .attempt = intent.attempt,
                           .revision = intent.revision,
                           .reservation_id = std::move(sourced.reservation_id),
                           .expires_at = sourced.expires_at,
                           .assignments = UnitsOf(intent, sourced),
                           .plan = std::move(sourced.decision),
                           .reason = sourced.refusal ? NameOfReason(*sourced.refusal) : ""};
  Report(flight, std::move(report));
}

void SagaDriver::TellIfStalled(Flight& flight, std::string reason) {
  const Instant now = loop_->clock().Now();
  // An unmatched return is in the queue already.
  std::string order_id = SubjectOf(flight.intent).first;
  if (now - flight.told < stalled_after_ || order_id.empty()) return;
  // Again each time, as somebody may have resolved the exception meanwhile.
  flight.told = now;
  Call call;
  call.commands.emplace_back(
      ReportStalled{.order_id = std::move(order_id), .reason = std::move(reason)});
  engine_->Submit(std::move(call), [](const Answer&) {});
}

void SagaDriver::PerformLater(const FlightPtr& flight, std::string reason) {
  retries_.fetch_add(1, std::memory_order_relaxed);
  TellIfStalled(*flight, std::move(reason));
  loop_->PostAt(loop_->clock().Now() + Backoff(flight->retry++, random_), [this, flight] {
    const auto [order_id, return_id] = SubjectOf(flight->intent);
    const std::vector<Intent> open = Derive(order_id, return_id);
    const bool still_open = std::any_of(open.begin(), open.end(), [&](const Intent& intent) {
      return KeyOf(intent) == KeyOf(flight->intent);
    });
    still_open ? Perform(flight) : Land(flight);
  });
}

void SagaDriver::Report(const FlightPtr& flight, Command command) {
  Call call;
  call.commands.push_back(command);
  engine_->Submit(std::move(call), [this, flight,
                                    command = std::move(command)](Answer answer) mutable {
    loop_->Post([this, flight, command = std::move(command), answer = std::move(answer)]() mutable {
      OnReported(flight, std::move(command), std::move(answer));
    });
  });
}

void SagaDriver::OnReported(const FlightPtr& flight, Command command, Answer answer) {
  auto* rerouted = std::get_if<ReportRerouted>(&command);
  if (answer.error && answer.error->reason() == common::v1::REQUEST_TOO_LARGE &&
      rerouted != nullptr && !rerouted->reservation_id.empty()) {
    // A plan that the log cannot take is none.
    sourcing_->GiveBack(rerouted->reservation_id);
    return Report(
        flight,
        ReportRerouted{.order_id = rerouted->order_id,
                       .attempt = rerouted->attempt,
                       .revision = rerouted->revision,
                       .reason = common::v1::ErrorReason_Name(common::v1::REQUEST_TOO_LARGE)});
  }
  if (answer.error) {
    // The queue is full, or the engine is stopping: the answer is kept and told again.
    loop_->PostAt(loop_->clock().Now() + Backoff(flight->retry++, random_),
                  [this, flight, command = std::move(command)]() mutable {
                    Report(flight, std::move(command));
                  });
    return;
  }
  if (answer.outcomes[0].rejection) {
    // The question had changed, or a hold had too little time left: its units are not needed.
    if (rerouted != nullptr && !rerouted->reservation_id.empty()) {
      sourcing_->GiveBack(rerouted->reservation_id);
    }
    return PerformLater(flight, "");
  }
  Land(flight);
}

void SagaDriver::Land(const FlightPtr& flight) {
  std::string key(KeyOf(flight->intent));
  flying_.erase(key);
  begun_.erase({flight->begun, std::move(key)});
  NoteOldest();
  open_.fetch_sub(1, std::memory_order_relaxed);
  const auto [order_id, return_id] = SubjectOf(flight->intent);
  Begin(Derive(order_id, return_id));
}

}  // namespace quartermaster::orders
