#include "services/orders/app/sourcing.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/orders/app/backoff.h"

namespace quartermaster::orders {
namespace {

constexpr int kHoldsMax = 8;
constexpr int kReleaseRetriesMax = 8;

}  // namespace

bool IsShortage(const PeerError& error) {
  return error.reason == common::v1::NO_PLAN || error.reason == common::v1::INSUFFICIENT_STOCK;
}

struct Sourcing::Run_ {
  SourcingJob job;
  Done done;
  Level level = Level::kEverything;
  bool looked_for_own_hold = false;
  int holds = 0;
  // As many had been refused when it was last read where the units of the taken-over one stand.
  int holds_when_read = 0;
  int retry = 0;
  // The request as it is asked now: one part, or shipping groups and others apart.
  std::vector<PlanRequest> parts;
  RoutePlan plan;
  // What the partial plan said of droppable lines, for when they are left out altogether.
  std::vector<PeerShortLine> short_lines;
  // As it is sent, with the same id, until its outcome is known.
  StockReserve hold;
};

template <typename T>
PeerCallback<T> Sourcing::OnLoop(absl::AnyInvocable<void(PeerResult<T>)> then) {
  return [loop = loop_, then = std::move(then)](PeerResult<T> result) mutable {
    loop->Post([then = std::move(then), result = std::move(result)]() mutable {
      then(std::move(result));
    });
  };
}

std::string Sourcing::NewRequestId() {
  return absl::StrFormat("orders-%016x%016x", random_(), random_());
}

void Sourcing::Run(SourcingJob job, Done done) {
  auto run = std::make_shared<Run_>();
  run->job = std::move(job);
  run->done = std::move(done);
  if (run->job.best_effort) run->level = Level::kPartial;
  Plan(run);
}

void Sourcing::Plan(const RunPtr& run) {
  const SourcingJob& job = run->job;
  run->parts.clear();
  run->plan = {};
  PlanRequest shipping = {.groups = {},
                          .credits = job.request.credits,
                          .excluded_location_ids = job.excluded_for_shipping,
                          .overrides = job.request.overrides,
                          .allow_partial = run->level == Level::kPartial};
  PlanRequest others = shipping;
  others.excluded_location_ids.clear();
  for (PlanRequest::Group group : job.request.groups) {
    if (run->level == Level::kWithoutDroppable) {
      std::erase_if(group.lines, [&](const PlanRequest::Line& line) {
        return job.droppable.contains(line.line_id);
      });
    }
    if (group.lines.empty()) continue;
    const bool apart = !job.excluded_for_shipping.empty() && group.method != PlanMethod::kShip;
    (apart ? others : shipping).groups.push_back(std::move(group));
  }
  if (!shipping.groups.empty()) run->parts.push_back(std::move(shipping));
  if (!others.groups.empty()) run->parts.push_back(std::move(others));
  PlanPart(run, 0);
}

void Sourcing::PlanPart(const RunPtr& run, size_t part) {
  if (part == run->parts.size()) return OnWholePlan(run);
  routing_->Plan(run->parts[part],
                 OnLoop<RoutePlan>([this, run, part](PeerResult<RoutePlan> result) {
                   OnPlan(run, part, std::move(result));
                 }));
}

namespace {

// What one part of a plan has, the next one has not. Where routing's mirror is right about a place
// is found out by the hold; from then on its figure is an override.
void LeaveOut(const std::vector<RoutePlan::Assignment>& assignments,
              std::vector<PlanRequest::Credit>& overrides) {
  for (const RoutePlan::Assignment& assignment : assignments) {
    for (PlanRequest::Credit& figure : overrides) {
      if (figure.sku != assignment.sku || figure.location_id != assignment.location_id) continue;
      figure.quantity -= std::min(figure.quantity, assignment.quantity);
    }
  }
}

}  // namespace

void Sourcing::OnPlan(const RunPtr& run, size_t part, PeerResult<RoutePlan> result) {
  if (PeerError* error = std::get_if<PeerError>(&result)) {
    if (error->retriable) {
      return Retry(run, std::move(*error), [this, run, part] { PlanPart(run, part); });
    }
    return OnNoPlan(run, std::move(*error));
  }
  RoutePlan& plan = std::get<RoutePlan>(result);
  if (part + 1 < run->parts.size()) LeaveOut(plan.assignments, run->parts[part + 1].overrides);
  RoutePlan& whole = run->plan;
  whole.assignments.insert(whole.assignments.end(), plan.assignments.begin(),
                           plan.assignments.end());
  whole.short_lines.insert(whole.short_lines.end(), plan.short_lines.begin(),
                           plan.short_lines.end());
  // Serialised messages, one behind the other, are one message with both contents.
  whole.decision += plan.decision;
  PlanPart(run, part + 1);
}

void Sourcing::OnNoPlan(const RunPtr& run, PeerError error) {
  if (!IsShortage(error)) return Refuse(run, std::move(error));
  // Who was given a unit where one of ours stood has had ours moved elsewhere.
  if (!run->job.takes_over_reservation_id.empty() && run->holds > run->holds_when_read) {
    return ReadTakenOver(run, std::move(error));
  }
  if (!run->looked_for_own_hold) return FindOwnHold(run, std::move(error));
  if (run->level == Level::kEverything && !run->job.droppable.empty()) {
    run->level = Level::kPartial;
    return Plan(run);
  }
  Refuse(run, std::move(error));
}

void Sourcing::Refuse(const RunPtr& run, PeerError error) {
  if (run->job.may_find_nothing && IsShortage(error)) return FindNothing(run);
  if (!run->job.best_effort) return run->done(std::move(error));
  Sourced nothing;
  if (!IsShortage(error)) nothing.refusal = std::move(error);
  run->done(std::move(nothing));
}

void Sourcing::ReadTakenOver(const RunPtr& run, PeerError error) {
  stock_->GetReservation(
      run->job.takes_over_reservation_id,
      OnLoop<StockReservation>([this, run, error](PeerResult<StockReservation> result) mutable {
        const PeerError* unknown = GetError(result);
        if (unknown != nullptr && unknown->retriable) {
          return Retry(run, *unknown, [this, run, error] { ReadTakenOver(run, error); });
        }
        run->holds_when_read = run->holds;
        const auto* hold = std::get_if<StockReservation>(&result);
        if (hold == nullptr || hold->state != StockReservation::State::kHeld) {
          return OnNoPlan(run, std::move(error));
        }
        // Those of an own hold are looked for again, too.
        run->looked_for_own_hold = false;
        PlanRequest& request = run->job.request;
        request.credits.clear();
        for (const StockReservation::Open& open : hold->open) {
          // What stock said that we could have at a place has our own units in it.
          const bool known =
              std::any_of(request.overrides.begin(), request.overrides.end(),
                          [&open](const PlanRequest::Credit& figure) {
                            return figure.sku == open.sku && figure.location_id == open.location_id;
                          });
          if (!known) request.credits.push_back({open.sku, open.location_id, open.quantity});
        }
        Plan(run);
      }));
}

void Sourcing::FindOwnHold(const RunPtr& run, PeerError error) {
  stock_->FindHold(
      run->job.owner_id,
      OnLoop<std::optional<StockReservation>>(
          [this, run, error](PeerResult<std::optional<StockReservation>> result) mutable {
            if (const PeerError* unknown = GetError(result);
                unknown != nullptr && unknown->retriable) {
              // Without its answer nobody can say that there is not enough.
              return Retry(run, *unknown, [this, run, error] { FindOwnHold(run, error); });
            }
            run->looked_for_own_hold = true;
            const auto* hold = std::get_if<std::optional<StockReservation>>(&result);
            if (hold == nullptr || !*hold) return OnNoPlan(run, std::move(error));
            for (const StockReservation::Open& open : (*hold)->open) {
              run->job.request.credits.push_back({open.sku, open.location_id, open.quantity});
            }
            Plan(run);
          }));
}

void Sourcing::OnWholePlan(const RunPtr& run) {
  const SourcingJob& job = run->job;
  if (run->level == Level::kPartial && !job.best_effort) {
    run->short_lines = run->plan.short_lines;
    const bool vital = std::any_of(
        run->short_lines.begin(), run->short_lines.end(),
        [&](const PeerShortLine& line) { return !job.droppable.contains(line.line_id); });
    if (vital) {
      run->level = Level::kWithoutDroppable;
      return Plan(run);
    }
  }
  if (!run->plan.assignments.empty()) return Hold(run);
  if (job.best_effort) return run->done(Sourced{});
  if (job.may_find_nothing) return FindNothing(run);
  run->done(PeerError{.reason = common::v1::NO_PLAN,
                      .retriable = false,
                      .message = "nothing of the order can be served",
                      .short_lines = run->short_lines});
}

void Sourcing::Hold(const RunPtr& run) {
  absl::flat_hash_map<std::string, int> order_of_line;
  for (const PlanRequest::Group& group : run->job.request.groups) {
    for (const PlanRequest::Line& line : group.lines) {
      order_of_line.emplace(line.line_id, static_cast<int>(order_of_line.size()));
    }
  }
  std::map<std::pair<int, std::string>, RoutePlan::Assignment> merged;
  for (RoutePlan::Assignment& assignment : run->plan.assignments) {
    const auto line = order_of_line.find(assignment.line_id);
    if (line == order_of_line.end()) {
      return run->done(PeerError{.message = "the plan has a line that was not asked for"});
    }
    const auto [it, added] = merged.try_emplace({line->second, assignment.location_id}, assignment);
    if (!added) it->second.quantity += assignment.quantity;
  }
  run->plan.assignments.clear();
  std::vector<StockLine> lines;
  for (auto& [key, assignment] : merged) {
    lines.push_back(
        {absl::StrCat(lines.size()), assignment.sku, assignment.location_id, assignment.quantity});
    run->plan.assignments.push_back(std::move(assignment));
  }
  ++run->holds;
  run->hold = {.request_id = NewRequestId(),
               .owner_id = run->job.owner_id,
               .lines = std::move(lines),
               .ttl = kHoldTtl,
               .takes_over_reservation_id = run->job.takes_over_reservation_id,
               .channel_id = run->job.channel_id,
               .customer_ref = run->job.customer_ref};
  SendHold(run);
}

void Sourcing::SendHold(const RunPtr& run) {
  stock_->Reserve(run->hold,
                  OnLoop<StockReservation>([this, run](PeerResult<StockReservation> result) {
                    PeerError* error = std::get_if<PeerError>(&result);
                    if (error != nullptr && error->retriable) {
                      return Retry(run, std::move(*error), [this, run] { SendHold(run); });
                    }
                    OnHold(run, std::move(result));
                  }));
}

void Sourcing::OnHold(const RunPtr& run, PeerResult<StockReservation> result) {
  if (PeerError* error = std::get_if<PeerError>(&result)) {
    if (error->reason == common::v1::INSUFFICIENT_STOCK) {
      // Only a plan that was made with the newest figures can say that there is not enough. If
      // stock moves faster than that, nothing has been decided.
      if (run->holds == kHoldsMax) {
        error->retriable = true;
        return run->done(std::move(*error));
      }
      Believe(run, error->short_lines);
      return Plan(run);
    }
    NameLines(run, *error);
    return Refuse(run, std::move(*error));
  }
  StockReservation& reservation = std::get<StockReservation>(result);
  Sourced sourced = {.assignments = std::move(run->plan.assignments),
                     .reservation_id = std::move(reservation.reservation_id),
                     .expires_at = reservation.expire_time,
                     .dropped = {},
                     .decision = std::move(run->plan.decision),
                     .refusal = std::nullopt};
  sourced.dropped = ShortLinesOf(*run, sourced.assignments);
  run->done(std::move(sourced));
}

void Sourcing::FindNothing(const RunPtr& run) {
  run->done(Sourced{.dropped = ShortLinesOf(*run, {})});
}

std::vector<PeerShortLine> Sourcing::ShortLinesOf(
    const Run_& run, const std::vector<RoutePlan::Assignment>& assignments) {
  absl::flat_hash_map<std::string, Quantity> got;
  for (const auto& assignment : assignments) got[assignment.line_id] += assignment.quantity;
  std::vector<PeerShortLine> short_lines;
  for (const PlanRequest::Group& group : run.job.request.groups) {
    for (const PlanRequest::Line& line : group.lines) {
      const Quantity units = got[line.line_id];
      if (units >= line.quantity) continue;
      short_lines.push_back({line.line_id, line.sku, "", line.quantity, units});
    }
  }
  return short_lines;
}

// A cap's refusal names lines of the hold: each is a part of one of the order's.
void Sourcing::NameLines(const RunPtr& run, PeerError& error) {
  if (error.reason != common::v1::CAP_EXCEEDED &&
      error.reason != common::v1::CUSTOMER_CAP_EXCEEDED) {
    return;
  }
  for (PeerShortLine& line : error.short_lines) {
    size_t index = 0;
    if (!absl::SimpleAtoi(line.line_id, &index) || index >= run->plan.assignments.size()) continue;
    line.line_id = run->plan.assignments[index].line_id;
  }
}

// Lays what a rejection said over routing's mirror: what all of the hold's own lines could have had
// at a place. Of a short line stock says what was left for it behind the lines before it.
void Sourcing::Believe(const RunPtr& run, const std::vector<PeerShortLine>& short_lines) {
  absl::flat_hash_map<std::string, Quantity> left;
  for (const PeerShortLine& line : short_lines) left[line.line_id] = line.available;
  std::map<std::pair<std::string, std::string>, Quantity> had;
  for (const StockLine& line : run->hold.lines) {
    const auto found = left.find(line.line_id);
    had[{line.sku, line.location_id}] += found == left.end() ? line.quantity : found->second;
  }
  PlanRequest& request = run->job.request;
  for (const PeerShortLine& line : short_lines) {
    const auto same = [&](const PlanRequest::Credit& credit) {
      return credit.sku == line.sku && credit.location_id == line.location_id;
    };
    std::erase_if(request.credits, same);
    std::erase_if(request.overrides, same);
    request.overrides.push_back({line.sku, line.location_id, had[{line.sku, line.location_id}]});
  }
}

void Sourcing::Retry(const RunPtr& run, PeerError error, absl::AnyInvocable<void()> again) {
  const Instant when = loop_->clock().Now() + Backoff(run->retry++, random_);
  if (when > run->job.give_up) return run->done(std::move(error));
  loop_->PostAt(when, std::move(again));
}

void Sourcing::GiveBack(const std::string& reservation_id) {
  Release(reservation_id, NewRequestId(), 0);
}

void Sourcing::Release(const std::string& reservation_id, const std::string& request_id,
                       int retry) {
  stock_->Release({.request_id = request_id, .reservation_id = reservation_id, .parts = {}},
                  OnLoop<StockReservation>([this, reservation_id, request_id,
                                            retry](PeerResult<StockReservation> result) {
                    const PeerError* error = GetError(result);
                    if (error == nullptr || !error->retriable || retry == kReleaseRetriesMax)
                      return;
                    loop_->PostAt(loop_->clock().Now() + Backoff(retry, random_),
                                  [this, reservation_id, request_id, retry] {
                                    Release(reservation_id, request_id, retry + 1);
                                  });
                  }));
}

}  // namespace quartermaster::orders
