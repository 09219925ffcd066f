#include "tools/qm/commands/reservation_output.h"

#include "absl/strings/str_cat.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/places.h"

namespace quartermaster::qm {

std::string StateName(stock::v1::Reservation::State state) {
  return EnumName(stock::v1::Reservation::State_descriptor(), state);
}

std::string PlacementsText(const stock::v1::Reservation::Line& line) {
  std::string text;
  for (const auto& placement : line.placements()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", placement.location_id(), " ",
                    placement.quantity());
  }
  // Not for good: other holds of the pool share them.
  for (const auto& place : line.backing()) {
    absl::StrAppend(&text, text.empty() ? "for now " : ", ", place.location_id(), " ",
                    place.quantity());
  }
  if (line.in_transit() > 0) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", "in transit ", line.in_transit());
  }
  if (line.waiting() > 0) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", "waiting ", line.waiting(), " until ",
                    TimeText(line.needed_by()));
    if (line.late() > 0) absl::StrAppend(&text, ", late ", line.late());
  }
  return text;
}

int PrintReservation(const Context& context, const stock::v1::Reservation& reservation) {
  std::string head =
      absl::StrCat("reservation ", reservation.reservation_id(), "  ",
                   StateName(reservation.state()), "  owner ", reservation.owner_id());
  if (reservation.has_expire_time()) {
    absl::StrAppend(&head, "  until ", TimeText(reservation.expire_time()));
  }
  if (!reservation.replaced_by().empty()) {
    absl::StrAppend(&head, "  replaced by ", reservation.replaced_by());
  }
  context.PrintLine(head);
  Table table({"LINE", "SKU", "QUANTITY", "OPEN", "FULFILLED", "RELEASED", "MISSING", "UNCOVERED",
               "ASKED AT", "OPEN UNITS AT"});
  const auto add = [&](const std::string& name, const stock::v1::Reservation::Line& line) {
    table.Row({name, line.sku(), absl::StrCat(line.quantity()), absl::StrCat(line.open()),
               absl::StrCat(line.fulfilled()), absl::StrCat(line.released()),
               absl::StrCat(line.missing()), absl::StrCat(line.uncovered()), PlaceText(line),
               PlacementsText(line)});
  };
  for (const auto& line : reservation.lines()) {
    add(line.line_id(), line);
    // By the names that parts of it have in --part.
    for (const auto& part : line.components()) {
      add(absl::StrCat(line.line_id(), "//", part.sku()), part);
    }
  }
  return context.PrintTable(table);
}

}  // namespace quartermaster::qm
