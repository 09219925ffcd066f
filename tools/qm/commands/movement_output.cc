#include "tools/qm/commands/movement_output.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {
namespace {

using stock::v1::Movement;

std::string ChangeText(int64_t delta) {
  if (delta == 0) return "";
  return delta > 0 ? absl::StrCat("+", delta) : absl::StrCat(delta);
}

// "damaged > sellable", with the number if no balance tells it.
std::string ConditionText(const Movement& m) {
  if (m.kind() != Movement::CONDITION_CHANGED && m.unusable_delta() == 0) return "";
  const auto* const type = stock::v1::Adjustment::Condition_descriptor();
  const std::string from = EnumName(type, m.from_condition());
  const std::string to = EnumName(type, m.to_condition());
  return absl::StrCat(m.kind() == Movement::CONDITION_CHANGED ? absl::StrCat(m.moved(), " ") : "",
                      from, from.empty() ? "> " : " >", from.empty() || to.empty() ? "" : " ", to);
}

std::string CauseText(const Movement& movement) {
  std::string cause;
  if (!movement.reservation_id().empty()) {
    absl::StrAppend(&cause, "reservation ", movement.reservation_id());
    if (!movement.owner_id().empty()) absl::StrAppend(&cause, " of ", movement.owner_id());
  }
  if (!movement.effect_key().empty()) {
    absl::StrAppend(&cause, cause.empty() ? "" : ", ", "effect ", movement.effect_key());
  }
  if (!movement.count_id().empty()) {
    absl::StrAppend(&cause, cause.empty() ? "" : ", ", "count ", movement.count_id());
  }
  if (!movement.transfer_id().empty()) {
    absl::StrAppend(&cause, cause.empty() ? "" : ", ", "transfer ", movement.transfer_id());
  }
  if (movement.in_transit_delta() != 0) {
    absl::StrAppend(&cause, ", in transit ", ChangeText(movement.in_transit_delta()));
  }
  if (movement.has_message()) {
    absl::StrAppend(&cause, cause.empty() ? "" : ", ", movement.message().source(), " ",
                    movement.message().message_id().empty()
                        ? absl::StrCat("#", movement.message().sequence())
                        : movement.message().message_id());
  }
  if (movement.kind() != Movement::CONDITION_CHANGED && movement.moved() != 0) {
    absl::StrAppend(&cause, cause.empty() ? "" : ", ", ChangeText(movement.moved()),
                    " that the last count has");
  }
  const auto& who = movement.attribution();
  for (const std::string* part : {&who.reason_code(), &who.actor_id(), &who.device_id()}) {
    if (!part->empty()) absl::StrAppend(&cause, cause.empty() ? "" : ", ", *part);
  }
  return cause;
}

}  // namespace

Table MovementTable(const std::vector<Movement>& movements) {
  Table table({"POSITION", "TIME", "KIND", "ON HAND", "=", "RESERVED", "=", "ALLOCATED", "=",
               "UNUSABLE", "=", "CONDITION", "CAUSE"});
  for (const Movement& m : movements) {
    table.Row({m.position(), TimeText(m.time()), EnumName(Movement::Kind_descriptor(), m.kind()),
               ChangeText(m.on_hand_delta()), absl::StrCat(m.on_hand()),
               ChangeText(m.reserved_delta()), absl::StrCat(m.reserved()),
               ChangeText(m.allocated_delta()), absl::StrCat(m.allocated()),
               ChangeText(m.unusable_delta()), absl::StrCat(m.unusable()), ConditionText(m),
               CauseText(m)});
  }
  return table;
}

}  // namespace quartermaster::qm
