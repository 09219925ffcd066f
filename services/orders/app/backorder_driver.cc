#include "services/orders/app/backorder_driver.h"

#include <optional>
#include <utility>

#include "services/orders/app/reroute_job.h"

namespace quartermaster::orders {
namespace {

// For how long a peer that does not answer is asked.
constexpr Micros kPatience = Seconds(5);

}  // namespace

struct BackorderDriver::Try {
  Position position = 0;
  Reroute wanted;
};

void BackorderDriver::Resume(const State& state) {
  for (const auto& [order_id, order] : state.orders) Note(order);
  loop_->Post([this] { ScheduleRound(); });
}

void BackorderDriver::OnChanged(const std::vector<std::string>& order_ids) {
  for (const std::string& order_id : order_ids) {
    if (const auto order = engine_->view().FindOrder(order_id)) Note(*order);
  }
  ScheduleRound();
}

void BackorderDriver::Note(const Order& order) {
  if (AnyUnits(order, &OrderLine::backordered)) {
    waiting_.emplace(order.position, order.order_id);
  } else {
    waiting_.erase(order.position);
  }
  count_.store(static_cast<int64_t>(waiting_.size()), std::memory_order_relaxed);
}

void BackorderDriver::ScheduleRound() {
  if (scheduled_ || waiting_.empty()) return;
  scheduled_ = true;
  loop_->PostAt(loop_->clock().Now() + interval_, [this] { TryNext(resume_); });
}

void BackorderDriver::EndRound(Position after) {
  resume_ = after;
  scheduled_ = false;
  ScheduleRound();
}

void BackorderDriver::TryNext(Position after) {
  for (auto next = waiting_.upper_bound(after); next != waiting_.end(); ++next) {
    const auto order = engine_->view().FindOrder(next->second);
    std::optional<Reroute> wanted = order == nullptr ? std::nullopt : BackorderOf(*order);
    // Something else of it is being routed: another time.
    if (!wanted) continue;
    const auto attempt = std::make_shared<Try>(Try{next->first, *std::move(wanted)});
    SourcingJob job =
        JobOf(attempt->wanted, BackorderOwnerId(next->second, attempt->wanted.attempt));
    job.give_up = loop_->clock().Now() + kPatience;
    return sourcing_->Run(std::move(job), [this, attempt](PeerResult<Sourced> result) {
      OnSourced(attempt, std::move(result));
    });
  }
  EndRound(0);
}

void BackorderDriver::OnSourced(const TryPtr& attempt, PeerResult<Sourced> result) {
  const auto go_on = [this, attempt] {
    loop_->Post([this, attempt] { TryNext(attempt->position); });
  };
  if (const PeerError* error = GetError(result)) {
    // Stock moves faster than it can be planned; otherwise a peer is away, as it would be for the
    // next one.
    return IsShortage(*error) ? go_on() : EndRound(attempt->position);
  }
  Sourced& sourced = std::get<Sourced>(result);
  Call call;
  if (sourced.refusal) {
    call.commands.emplace_back(
        ReportStalled{.order_id = attempt->wanted.order_id,
                      .reason = common::v1::ErrorReason_Name(sourced.refusal->reason)});
    engine_->Submit(std::move(call), [](const Answer&) {});
    return go_on();
  }
  if (sourced.assignments.empty()) return go_on();
  std::vector<PlannedUnits> units = UnitsOf(attempt->wanted, sourced);
  call.commands.emplace_back(ReportBackorderFilled{.order_id = attempt->wanted.order_id,
                                                   .attempt = attempt->wanted.attempt,
                                                   .revision = attempt->wanted.revision,
                                                   .reservation_id = sourced.reservation_id,
                                                   .expires_at = sourced.expires_at,
                                                   .assignments = std::move(units),
                                                   .plan = std::move(sourced.decision)});
  engine_->Submit(std::move(call),
                  [this, attempt, reservation_id = sourced.reservation_id](Answer answer) {
                    loop_->Post([this, attempt, reservation_id, answer = std::move(answer)] {
                      OnReported(attempt, reservation_id, answer);
                    });
                  });
}

void BackorderDriver::OnReported(const TryPtr& attempt, const std::string& reservation_id,
                                 const Answer& answer) {
  if (answer.error) {
    // The log may have it, and the next process confirm it: then the hold is the order's.
    const bool unknown = answer.error->reason() == common::v1::NOT_SERVING ||
                         answer.error->reason() == common::v1::DEADLINE_PASSED;
    if (!unknown) sourcing_->GiveBack(reservation_id);
    return EndRound(attempt->position);
  }
  // The order has changed meanwhile.
  if (answer.outcomes[0].rejection) sourcing_->GiveBack(reservation_id);
  TryNext(attempt->position);
}

}  // namespace quartermaster::orders
