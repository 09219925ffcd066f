#include "services/orders/app/place_order.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/app/backoff.h"
#include "services/orders/app/eligibility.h"
#include "services/orders/app/errors.h"
#include "services/orders/app/patience.h"
#include "services/orders/app/plan_group.h"
#include "services/orders/codec/ids.h"

namespace quartermaster::orders {
namespace {

bool HasConfirmed(const Order& order) {
  const Attempt* placing = PlacingAttempt(order);
  return placing == nullptr || placing->state == AttemptState::kConfirmed;
}
bool IsSettled(const Order& order) {
  const Attempt* placing = PlacingAttempt(order);
  return placing == nullptr || placing->state != AttemptState::kConfirming;
}

PlanRequest ToPlan(const OrderContent& content) {
  PlanRequest request;
  for (const Group& group : content.groups) {
    request.groups.push_back(ToPlanGroup(group));
  }
  for (const PlacedLine& line : content.lines) {
    request.groups[line.group].lines.push_back({line.line_id, line.sku, line.quantity});
  }
  return request;
}

// Why an ended checkout hold cannot be taken over; nothing if it is no obstacle.
std::optional<PeerError> ObstacleOf(const StockReservation& hold) {
  const auto obstacle = [](common::v1::ErrorReason reason, const char* message) {
    return PeerError{.reason = reason, .retriable = false, .message = message, .short_lines = {}};
  };
  switch (hold.state) {
    case StockReservation::State::kHeld:
    case StockReservation::State::kExpired:
      return std::nullopt;
    case StockReservation::State::kConfirmed:
      return obstacle(common::v1::RESERVATION_ALREADY_CONFIRMED, "the checkout hold is confirmed");
    case StockReservation::State::kFulfilled:
      return obstacle(common::v1::RESERVATION_FULFILLED, "the checkout hold is fulfilled");
    case StockReservation::State::kReleased:
      return obstacle(common::v1::RESERVATION_RELEASED, "the checkout hold was released");
    case StockReservation::State::kReplaced:
      return obstacle(common::v1::RESERVATION_REPLACED,
                      "another hold took the checkout hold's place");
  }
  return std::nullopt;
}

}  // namespace

struct OrderPlacer::Attempt {
  std::string order_id;
  PlaceCall call;
  std::vector<Done> waiting;
  Instant give_up;
  int retry = 0;
  std::vector<PlanRequest::Credit> credits;
  Sourced sourced;
  // The vault may have the subject.
  bool kept = false;
  // Other requests with its external id: they go on when it has ended.
  std::vector<AttemptPtr> followers;
};

// What was held, as the order: without the lines and groups that got nothing, at the stores that
// the plan chose.
PlaceOrder OrderPlacer::CommandOf(const Attempt& attempt) {
  const OrderContent& content = attempt.call.content;
  absl::flat_hash_map<std::string, Quantity> got;
  absl::flat_hash_map<std::string, std::string> store_of_group;
  for (const RoutePlan::Assignment& assignment : attempt.sourced.assignments) {
    got[assignment.line_id] += assignment.quantity;
    store_of_group.try_emplace(assignment.group_id, assignment.location_id);
  }
  PlaceOrder command = {.order_id = attempt.order_id,
                        .content = attempt.call.fingerprint,
                        .channel_id = content.channel_id,
                        .external_id = content.external_id,
                        .customer_ref = content.customer_ref,
                        .groups = {},
                        .lines = {},
                        .amounts = content.amounts,
                        .reservation_id = attempt.sourced.reservation_id,
                        .expires_at = attempt.sourced.expires_at,
                        .assignments = {},
                        .plan = attempt.sourced.decision,
                        .dropped = {},
                        .holds = content.holds,
                        .payment_grace = content.payment_grace,
                        .attribution = content.attribution};
  absl::flat_hash_map<uint32_t, uint32_t> group_index;
  absl::flat_hash_map<std::string, uint32_t> line_index;
  for (const PlacedLine& line : content.lines) {
    const Quantity units = line.backorder ? line.quantity : got[line.line_id];
    if (units.IsZero()) continue;
    const auto [it, added] =
        group_index.try_emplace(line.group, static_cast<uint32_t>(command.groups.size()));
    if (added) {
      Group& group = command.groups.emplace_back(content.groups[line.group]);
      const auto store = store_of_group.find(group.group_id);
      if (group.method != Method::kShip && store != store_of_group.end()) {
        group.location_id = store->second;
      }
    }
    line_index.emplace(line.line_id, static_cast<uint32_t>(command.lines.size()));
    PlacedLine& placed = command.lines.emplace_back(line);
    placed.group = it->second;
    placed.quantity = units;
    if (line.amounts && units < line.quantity) {
      placed.amounts =
          Shortened(*line.amounts, units, line.quantity, content.amounts->prices_include_tax);
    }
  }
  for (const RoutePlan::Assignment& assignment : attempt.sourced.assignments) {
    command.assignments.push_back(
        {line_index.at(assignment.line_id), assignment.location_id, assignment.quantity});
  }
  for (const PeerShortLine& line : attempt.sourced.dropped) {
    command.dropped.push_back({line.line_id, line.sku, line.asked, line.available});
  }
  return command;
}

template <typename T>
absl::AnyInvocable<void(T)> OrderPlacer::OnLoop(absl::AnyInvocable<void(T)> then) {
  return [loop = parts_.loop, then = std::move(then)](T value) mutable {
    loop->Post(
        [then = std::move(then), value = std::move(value)]() mutable { then(std::move(value)); });
  };
}

void OrderPlacer::Place(PlaceCall call, Done done) {
  parts_.loop->Post([this, call = std::move(call), done = std::move(done)]() mutable {
    Begin(std::move(call), std::move(done));
  });
}

void OrderPlacer::Begin(PlaceCall call, Done done) {
  std::string order_id = OrderIdFor(parts_.tenant, call.request_id);
  if (const auto found = attempts_.find(order_id); found != attempts_.end()) {
    if (found->second->call.fingerprint != call.fingerprint) {
      return done(runtime::FateError(engine::Fate::kRequestIdReused));
    }
    found->second->waiting.push_back(std::move(done));
    return;
  }
  if (attempts_.size() >= kPlacementsMax) return done(runtime::Overloaded(Seconds(1)));
  const auto attempt = std::make_shared<Attempt>();
  attempts_.emplace(order_id, attempt);
  attempt->order_id = std::move(order_id);
  attempt->give_up = GiveUpTime(parts_.loop->clock().Now(), call.deadline);
  attempt->call = std::move(call);
  attempt->waiting.push_back(std::move(done));
  parts_.engine->Submit(
      {.request_id = attempt->call.request_id,
       .fingerprint = attempt->call.fingerprint,
       .deadline = attempt->call.deadline},
      OnLoop<Answer>([this, attempt](Answer answer) { OnRecalled(attempt, std::move(answer)); }));
}

// The answer's meaning, if it has one that is final; Placed otherwise.
PlaceReply OrderPlacer::ReplyOf(const AttemptPtr& attempt, Answer answer) const {
  if (answer.error) return *std::move(answer.error);
  if (answer.refusal) return *std::move(answer.refusal);
  if (answer.outcomes.empty()) return Placed{.order_id = attempt->order_id};
  Outcome& outcome = answer.outcomes[0];
  if (outcome.rejection) return ToRpcError(*outcome.rejection);
  return Placed{.order_id = std::move(outcome.result.order_id),
                .dropped = std::move(outcome.result.dropped)};
}

void OrderPlacer::OnRecalled(const AttemptPtr& attempt, Answer answer) {
  const bool recalled = answer.recalled;
  PlaceReply reply = ReplyOf(attempt, std::move(answer));
  if (std::holds_alternative<runtime::RpcError>(reply)) return Finish(attempt, std::move(reply));
  if (recalled) return AwaitConfirmation(attempt, std::move(std::get<Placed>(reply)));
  // Its outcome may be forgotten, but an order is not.
  if (const auto order = parts_.engine->view().FindOrder(attempt->order_id)) {
    if (order->content == attempt->call.fingerprint) {
      return AwaitConfirmation(attempt, {.order_id = attempt->order_id});
    }
    return Finish(attempt, runtime::FateError(engine::Fate::kRequestIdReused));
  }
  Proceed(attempt);
}

void OrderPlacer::Proceed(const AttemptPtr& attempt) {
  const OrderContent& content = attempt->call.content;
  if (!content.external_id.empty()) {
    // Before anything is held: whoever sends an order again under a new request id finds its units
    // gone. The domain says whether it is the same order.
    if (HasExternalId(content)) return Submit(attempt);
    const auto [first, is_first] =
        external_ids_.try_emplace({content.channel_id, content.external_id}, attempt);
    if (!is_first) return first->second->followers.push_back(attempt);
  }
  if (auto refusal = Ineligible(attempt->call.content)) return Record(attempt, *std::move(refusal));
  if (attempt->call.content.reservation_id.empty()) return Source(attempt);
  LookAtCheckoutHold(attempt, attempt->call.content.reservation_id);
}

bool OrderPlacer::HasExternalId(const OrderContent& content) const {
  const OrderFilter same = {.customer_ref = "",
                            .channel_id = content.channel_id,
                            .external_id = content.external_id,
                            .state = std::nullopt,
                            .location_id = "",
                            .sku = "",
                            .overdue_at = std::nullopt};
  return !parts_.engine->view().ListOrders(same, OrderBy::kNewestFirst, 0, 1).items.empty();
}

std::optional<runtime::RpcError> OrderPlacer::Ineligible(const OrderContent& content) const {
  Eligibility eligibility(parts_.directory, content.channel_id);
  // Lines come in the order of groups.
  uint32_t group = 0;
  int index = 0;
  for (const PlacedLine& line : content.lines) {
    index = line.group == group ? index : 0;
    group = line.group;
    eligibility.Look(line, content.groups[group].method,
                     absl::StrCat("groups[", group, "].lines[", index++, "].sku"));
  }
  return std::move(eligibility).refusal();
}

void OrderPlacer::LookAtCheckoutHold(const AttemptPtr& attempt, const std::string& reservation_id) {
  parts_.stock->GetReservation(
      reservation_id, OnLoop<PeerResult<StockReservation>>(
                          [this, attempt, reservation_id](PeerResult<StockReservation> result) {
                            const PeerError* error = GetError(result);
                            if (error == nullptr || !error->retriable) {
                              return OnCheckoutHold(attempt, std::move(result));
                            }
                            const Instant now = parts_.loop->clock().Now();
                            if (now >= attempt->give_up) return Refuse(attempt, *error);
                            parts_.loop->PostAt(now + Backoff(attempt->retry++, random_),
                                                [this, attempt, reservation_id] {
                                                  LookAtCheckoutHold(attempt, reservation_id);
                                                });
                          }));
}

void OrderPlacer::OnCheckoutHold(const AttemptPtr& attempt, PeerResult<StockReservation> result) {
  if (const PeerError* error = GetError(result)) return Refuse(attempt, *error);
  const StockReservation& hold = std::get<StockReservation>(result);
  const bool ours = hold.owner_id == OwnerId(attempt->order_id, 1);
  // It was taken over before a crash, by this very order.
  if (hold.state == StockReservation::State::kReplaced && !ours && !hold.replaced_by.empty() &&
      attempt->credits.empty() && hold.reservation_id == attempt->call.content.reservation_id) {
    return LookAtCheckoutHold(attempt, hold.replaced_by);
  }
  if (!ours) {
    if (hold.reservation_id != attempt->call.content.reservation_id) {
      return Refuse(attempt, {.reason = common::v1::RESERVATION_REPLACED,
                              .retriable = false,
                              .message = "another hold took the checkout hold's place",
                              .short_lines = {}});
    }
    if (const std::optional<PeerError> obstacle = ObstacleOf(hold)) {
      return Refuse(attempt, *obstacle);
    }
  }
  if (hold.state == StockReservation::State::kHeld) {
    for (const StockReservation::Open& open : hold.open) {
      attempt->credits.push_back({open.sku, open.location_id, open.quantity});
    }
  }
  Source(attempt);
}

void OrderPlacer::Source(const AttemptPtr& attempt) {
  const OrderContent& content = attempt->call.content;
  SourcingJob job;
  job.request = ToPlan(content);
  job.request.credits = attempt->credits;
  for (size_t i = 0; i < content.lines.size(); ++i) {
    const bool waits = content.lines[i].backorder;
    if (content.drop_on_shortage[i] || waits) job.droppable.insert(content.lines[i].line_id);
    job.may_find_nothing = job.may_find_nothing || waits;
  }
  job.may_find_nothing = job.may_find_nothing && job.droppable.size() == content.lines.size();
  job.owner_id = OwnerId(attempt->order_id, 1);
  job.takes_over_reservation_id = content.reservation_id;
  job.channel_id = content.channel_id;
  job.customer_ref = content.customer_ref;
  job.give_up = attempt->give_up;
  parts_.sourcing->Run(std::move(job), [this, attempt](PeerResult<Sourced> result) {
    OnSourced(attempt, std::move(result));
  });
}

void OrderPlacer::OnSourced(const AttemptPtr& attempt, PeerResult<Sourced> result) {
  if (const PeerError* error = GetError(result)) return Refuse(attempt, *error);
  attempt->sourced = std::move(std::get<Sourced>(result));
  attempt->call.subject.empty() ? Submit(attempt) : Keep(attempt);
}

void OrderPlacer::Keep(const AttemptPtr& attempt) {
  attempt->kept = true;
  parts_.disk_loop->Post([this, attempt] {
    const absl::Status kept = parts_.vault->Put(attempt->order_id, attempt->call.subject);
    parts_.loop->Post([this, attempt, kept] {
      if (!kept.ok()) {
        parts_.sourcing->GiveBack(attempt->sourced.reservation_id);
        Forget(attempt);
        return Finish(attempt,
                      runtime::InternalDefect("the subject vault did not take a subject", kept));
      }
      Submit(attempt);
    });
  });
}

void OrderPlacer::Submit(const AttemptPtr& attempt) {
  std::vector<Command> commands = {CommandOf(*attempt)};
  for (RecordPayment payment : attempt->call.content.payments) {
    payment.order_id = attempt->order_id;
    commands.emplace_back(std::move(payment));
  }
  parts_.engine->Submit(
      {.request_id = attempt->call.request_id,
       .fingerprint = attempt->call.fingerprint,
       .deadline = attempt->call.deadline,
       .commands = std::move(commands),
       .bytes = 512 + 128 * (attempt->call.content.lines.size() +
                             2 * attempt->call.content.payments.size())},
      OnLoop<Answer>([this, attempt](Answer answer) { OnSubmitted(attempt, std::move(answer)); }));
}

void OrderPlacer::OnSubmitted(const AttemptPtr& attempt, Answer answer) {
  // No answer yet: the order may be in the log, and the caller tries again. The hold, which may
  // have been the shopper's own, is left to the order or to the retry, or expires.
  const bool open = answer.error && IsToBeRepeated(answer.error->reason());
  // Only a process that ends cannot tell whether the log has the order. The next one can: see
  // OrdersApp::Resume.
  const bool unknown = open && answer.error->reason() == common::v1::NOT_SERVING;
  PlaceReply reply = ReplyOf(attempt, std::move(answer));
  const bool holds = !attempt->sourced.reservation_id.empty();
  if (auto* placed = std::get_if<Placed>(&reply)) {
    const auto order = parts_.engine->view().FindOrder(placed->order_id);
    const auto* placing = order == nullptr ? nullptr : PlacingAttempt(*order);
    const bool taken =
        placing != nullptr && placing->reservation_id == attempt->sourced.reservation_id;
    if (order != nullptr && !taken && holds) {
      parts_.sourcing->GiveBack(attempt->sourced.reservation_id);
    }
    // It is another request's order, which has a subject of its own.
    if (placed->order_id != attempt->order_id) Forget(attempt);
    return AwaitConfirmation(attempt, std::move(*placed));
  }
  if (!open && holds) parts_.sourcing->GiveBack(attempt->sourced.reservation_id);
  if (!unknown) Forget(attempt);
  Finish(attempt, std::move(reply));
}

void OrderPlacer::Refuse(const AttemptPtr& attempt, const PeerError& error) {
  PeerRefusal refusal = ToRefusal(error);
  refusal.recorded ? Record(attempt, std::move(refusal.error))
                   : Finish(attempt, std::move(refusal.error));
}

void OrderPlacer::Record(const AttemptPtr& attempt, runtime::RpcError refusal) {
  parts_.engine->Submit({.request_id = attempt->call.request_id,
                         .fingerprint = attempt->call.fingerprint,
                         .deadline = attempt->call.deadline,
                         .refusal = std::move(refusal)},
                        OnLoop<Answer>([this, attempt](Answer answer) {
                          Finish(attempt, ReplyOf(attempt, std::move(answer)));
                        }));
}

// The order was not placed by this attempt. One that is made later keeps its subject after this.
void OrderPlacer::Forget(const AttemptPtr& attempt) {
  if (!attempt->kept) return;
  parts_.disk_loop->Post([vault = parts_.vault, order_id = attempt->order_id] {
    // What cannot be erased now is erased by the next start: no order has this id.
    vault->Erase(order_id).IgnoreError();
  });
}

void OrderPlacer::AwaitConfirmation(const AttemptPtr& attempt, Placed placed) {
  const Instant now = parts_.loop->clock().Now();
  Instant until = now + kConfirmWait;
  if (attempt->call.deadline < kDistantFuture) {
    until = std::min(until, now + Micros{(attempt->call.deadline - now).count / 2});
  }
  std::vector<std::string> order_ids = {placed.order_id};
  parts_.waiter->Wait(std::move(order_ids), IsSettled, until,
                      [this, attempt, placed = std::move(placed)]() mutable {
                        const auto order = parts_.engine->view().FindOrder(placed.order_id);
                        placed.confirmed = order != nullptr && HasConfirmed(*order);
                        Finish(attempt, std::move(placed));
                      });
}

void OrderPlacer::Abandon() {
  while (!attempts_.empty()) Finish(attempts_.begin()->second, runtime::NotServing());
}

void OrderPlacer::Finish(const AttemptPtr& attempt, PlaceReply reply) {
  const AttemptPtr kept = attempt;
  attempts_.erase(kept->order_id);
  for (Done& done : std::exchange(kept->waiting, {})) done(reply);
  const OrderContent& content = kept->call.content;
  const auto first = external_ids_.find({content.channel_id, content.external_id});
  if (first == external_ids_.end() || first->second != kept) return;
  external_ids_.erase(first);
  for (const AttemptPtr& follower : std::exchange(kept->followers, {})) {
    // Unless it has been given up.
    if (!follower->waiting.empty()) Proceed(follower);
  }
}

}  // namespace quartermaster::orders
