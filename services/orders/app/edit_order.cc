#include "services/orders/app/edit_order.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/app/eligibility.h"
#include "services/orders/app/errors.h"
#include "services/orders/app/patience.h"
#include "services/orders/app/plan_group.h"
#include "services/orders/codec/ids.h"
#include "services/orders/domain/decide.h"

namespace quartermaster::orders {
namespace {

// How often an edit is planned, if its order is routed otherwise each time.
constexpr int kPlansMax = 5;

// The group as it will be.
Group Redirected(Group group, const EditOrder& edit) {
  for (const NewDestination& wanted : edit.destinations) {
    if (wanted.group_id == group.group_id) group.destination = wanted.destination;
  }
  return group;
}

}  // namespace

absl::AnyInvocable<void(Answer)> OrderEditor::OnLoop(absl::AnyInvocable<void(Answer)> then) {
  return [loop = parts_.loop, then = std::move(then)](Answer answer) mutable {
    loop->Post([then = std::move(then), answer = std::move(answer)]() mutable {
      then(std::move(answer));
    });
  };
}

void OrderEditor::Edit(EditCall call, Done done) {
  parts_.loop->Post([this, call = std::move(call), done = std::move(done)]() mutable {
    Begin(std::move(call), std::move(done));
  });
}

void OrderEditor::Begin(EditCall call, Done done) {
  if (under_way_ >= kEditsMax) return done(runtime::Overloaded(Seconds(1)));
  ++under_way_;
  const auto attempt = std::make_shared<Attempt>();
  attempt->call = std::move(call);
  attempt->done = std::move(done);
  attempt->give_up = GiveUpTime(parts_.loop->clock().Now(), attempt->call.deadline);
  std::deque<AttemptPtr>& queue = attempts_[attempt->call.edit.order_id];
  queue.push_back(attempt);
  if (queue.size() == 1) Recall(attempt);
}

void OrderEditor::Recall(const AttemptPtr& attempt) {
  parts_.engine->Submit({.request_id = attempt->call.request_id,
                         .fingerprint = attempt->call.fingerprint,
                         .deadline = attempt->call.deadline},
                        OnLoop([this, attempt](Answer answer) {
                          const bool known = answer.recalled || answer.error || answer.refusal;
                          if (known) return Finish(attempt, ReplyOf(attempt, std::move(answer)));
                          Proceed(attempt);
                        }));
}

EditReply OrderEditor::ReplyOf(const AttemptPtr& attempt, Answer answer) {
  if (answer.error) return *std::move(answer.error);
  if (answer.refusal) return *std::move(answer.refusal);
  if (!answer.outcomes.empty() && answer.outcomes[0].rejection) {
    return ToRpcError(*answer.outcomes[0].rejection);
  }
  return attempt->call.edit.order_id;
}

void OrderEditor::Proceed(const AttemptPtr& attempt) {
  EditOrder& edit = attempt->call.edit;
  const auto order = parts_.engine->view().FindOrder(edit.order_id);
  if (order == nullptr) return Finish(attempt, ToRpcError(OrderNotFound{edit.order_id}));
  if (attempt->call.prepare != nullptr) {
    if (auto obstacle = attempt->call.prepare(*order, edit)) return Finish(attempt, *obstacle);
  }
  // Nothing is held for what the order does not allow; the writer, who may know better, says so.
  if (edit.added.empty() || ObstacleToEdit(*order, edit)) return Submit(attempt);
  if (auto refusal = Ineligible(*order, edit)) return Record(attempt, *std::move(refusal));
  Source(attempt, *order);
}

std::optional<runtime::RpcError> OrderEditor::Ineligible(const Order& order,
                                                         const EditOrder& edit) const {
  Eligibility eligibility(parts_.directory, order.channel_id);
  for (size_t i = 0; i < edit.added.size(); ++i) {
    const AddedLine& added = edit.added[i];
    eligibility.Look(added.line, order.groups[*FindGroup(order, added.group_id)].method,
                     absl::StrCat("added[", i, "].line.sku"));
  }
  return std::move(eligibility).refusal();
}

void OrderEditor::Source(const AttemptPtr& attempt, const Order& order) {
  EditOrder& edit = attempt->call.edit;
  edit.attempt = static_cast<int>(order.attempts.size()) + 1;
  edit.revision = order.route_revision;
  SourcingJob job;
  for (const Group& group : order.groups) {
    PlanRequest::Group wanted = ToPlanGroup(Redirected(group, edit));
    for (const AddedLine& added : edit.added) {
      if (added.group_id != group.group_id) continue;
      wanted.lines.push_back({added.line.line_id, added.line.sku, added.line.quantity});
      if (added.line.backorder) job.droppable.insert(added.line.line_id);
    }
    if (!wanted.lines.empty()) job.request.groups.push_back(std::move(wanted));
  }
  job.may_find_nothing = job.droppable.size() == edit.added.size();
  job.owner_id = EditOwnerId(order.order_id, edit.attempt, EditIdFor(attempt->call.request_id));
  job.channel_id = order.channel_id;
  job.customer_ref = order.customer_ref;
  job.give_up = attempt->give_up;
  parts_.sourcing->Run(std::move(job), [this, attempt](PeerResult<Sourced> result) {
    OnSourced(attempt, std::move(result));
  });
}

void OrderEditor::OnSourced(const AttemptPtr& attempt, PeerResult<Sourced> result) {
  if (const PeerError* error = GetError(result)) {
    PeerRefusal refusal = ToRefusal(*error);
    return refusal.recorded ? Record(attempt, std::move(refusal.error))
                            : Finish(attempt, std::move(refusal.error));
  }
  attempt->sourced = std::move(std::get<Sourced>(result));
  EditOrder& edit = attempt->call.edit;
  edit.reservation_id = attempt->sourced.reservation_id;
  edit.expires_at = attempt->sourced.expires_at;
  edit.plan = attempt->sourced.decision;
  absl::flat_hash_map<std::string, uint32_t> index;
  for (uint32_t i = 0; i < edit.added.size(); ++i) index.emplace(edit.added[i].line.line_id, i);
  for (const RoutePlan::Assignment& assignment : attempt->sourced.assignments) {
    edit.assignments.push_back(
        {index.at(assignment.line_id), assignment.location_id, assignment.quantity});
  }
  Submit(attempt);
}

void OrderEditor::Submit(const AttemptPtr& attempt) {
  parts_.engine->Submit(
      {.request_id = attempt->call.request_id,
       .fingerprint = attempt->call.fingerprint,
       .deadline = attempt->call.deadline,
       .commands = {attempt->call.edit},
       .bytes = 512 + 128 * attempt->call.edit.added.size()},
      OnLoop([this, attempt](Answer answer) { OnSubmitted(attempt, std::move(answer)); }));
}

void OrderEditor::OnSubmitted(const AttemptPtr& attempt, Answer answer) {
  const bool stale = !answer.error && !answer.outcomes.empty() && answer.outcomes[0].rejection &&
                     std::holds_alternative<IntentStale>(*answer.outcomes[0].rejection);
  if (stale) {
    GiveBack(attempt);
    if (++attempt->stale < kPlansMax && parts_.loop->clock().Now() < attempt->give_up) {
      return Proceed(attempt);
    }
    return Finish(attempt, runtime::Overloaded(Seconds(1)));
  }
  // A process that ends cannot tell whether the log has it: the hold is left to the edit, or
  // expires.
  const bool unknown = answer.error && answer.error->reason() == common::v1::NOT_SERVING;
  EditReply reply = ReplyOf(attempt, std::move(answer));
  if (std::holds_alternative<runtime::RpcError>(reply) && !unknown) GiveBack(attempt);
  Finish(attempt, std::move(reply));
}

void OrderEditor::GiveBack(const AttemptPtr& attempt) {
  const std::string held = std::exchange(attempt->sourced, Sourced()).reservation_id;
  attempt->call.edit.reservation_id.clear();
  attempt->call.edit.assignments.clear();
  if (!held.empty()) parts_.sourcing->GiveBack(held);
}

void OrderEditor::Record(const AttemptPtr& attempt, runtime::RpcError refusal) {
  parts_.engine->Submit({.request_id = attempt->call.request_id,
                         .fingerprint = attempt->call.fingerprint,
                         .deadline = attempt->call.deadline,
                         .refusal = std::move(refusal)},
                        OnLoop([this, attempt](Answer answer) {
                          Finish(attempt, ReplyOf(attempt, std::move(answer)));
                        }));
}

void OrderEditor::Finish(const AttemptPtr& attempt, EditReply reply) {
  const auto found = attempts_.find(attempt->call.edit.order_id);
  // It has been abandoned.
  if (found == attempts_.end() || found->second.empty() || found->second.front() != attempt) return;
  --under_way_;
  found->second.pop_front();
  const AttemptPtr next = found->second.empty() ? nullptr : found->second.front();
  if (next == nullptr) attempts_.erase(found);
  attempt->done(std::move(reply));
  if (next != nullptr) Recall(next);
}

void OrderEditor::Abandon() {
  for (auto& [order_id, queue] : std::exchange(attempts_, {})) {
    for (const AttemptPtr& attempt : queue) attempt->done(runtime::NotServing());
  }
  under_way_ = 0;
}

}  // namespace quartermaster::orders
