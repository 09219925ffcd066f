#include "tests/fault/checker.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/fault/timestamps.h"
#include "tools/retail/world.h"

namespace quartermaster::crash {
namespace {

using orders::v1::Order;
using orders::v1::Task;
using stock::v1::Reservation;
using Fate = ExpectedReservation::Fate;

// The server notes an expiry with the next command or tick, and this is a busy machine.
constexpr Micros kExpiryMargin = Seconds(3);

bool IsOpen(const Reservation& reservation) {
  return reservation.state() == Reservation::HELD || reservation.state() == Reservation::CONFIRMED;
}

// The order that a reservation is held for: orders' owners are "ORDER/ATTEMPT", ours have no slash.
std::optional<std::string> OrderOf(const Reservation& reservation) {
  const size_t slash = reservation.owner_id().rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  return reservation.owner_id().substr(0, slash);
}

class Checker {
 public:
  Checker(const retail::World& world, const Expected& expected, const Observed& observed,
          bool closed)
      : world_(world), expected_(expected), observed_(observed), closed_(closed) {}

  std::vector<Violation> Run() {
    for (const std::string& what : expected_.twice) Add(ViolationKind::kTwice, what);
    for (const std::string& what : expected_.unexpected) {
      Add(ViolationKind::kUnexpectedAnswer, what);
    }
    if (expected_.unanswered > 0) {
      Add(ViolationKind::kUnanswered, absl::StrCat(expected_.unanswered, " requests"));
    }
    for (const auto& [id, reservation] : expected_.reservations) CheckReservation(id, reservation);
    for (const auto& [id, reservation] : observed_.reservations) CheckPresence(reservation);
    for (const auto& [id, order] : expected_.orders) CheckOrder(id, order);
    for (const auto& [id, order] : observed_.orders) {
      CheckPresence(order);
      CheckSettled(order);
    }
    for (const auto& [id, item] : expected_.returns) CheckReturn(id, item);
    CheckStock();
    CheckOversold();
    return std::move(violations_);
  }

 private:
  void Add(ViolationKind kind, std::string what) { violations_.push_back({kind, std::move(what)}); }

  void CheckReservation(const std::string& id, const ExpectedReservation& expected);
  bool EndedAsItMay(const ExpectedReservation& expected, const Reservation& observed) const;
  void CheckLines(const std::string& id, const ExpectedReservation& expected,
                  const Reservation& observed);
  void CheckPresence(const Reservation& reservation);
  void CheckOrdersReservation(const std::string& order_id, const Reservation& reservation);
  void CheckOrder(const std::string& id, const ExpectedOrder& expected);
  void CheckTask(const Order& order, const Task& task);
  void CheckPresence(const Order& order);
  void CheckSettled(const Order& order);
  void CheckReturn(const std::string& id, const ExpectedReturn& expected);
  void CheckStock();
  void CheckKey(const StockKey& key, bool online, int64_t reserved, int64_t allocated);
  void CheckOversold();

  const retail::World& world_;
  const Expected& expected_;
  const Observed& observed_;
  const bool closed_;
  std::vector<Violation> violations_;
};

bool Checker::EndedAsItMay(const ExpectedReservation& expected, const Reservation& observed) const {
  const auto state = observed.state();
  const bool may_have_expired = observed_.until >= expected.expires;
  const bool must_have_expired = observed_.from > expected.expires + kExpiryMargin;
  const bool as_a_hold = state == Reservation::EXPIRED
                             ? may_have_expired
                             : state == Reservation::HELD && !must_have_expired;
  switch (expected.fate) {
    case Fate::kUpdated:
      return state == Reservation::REPLACED && observed.replaced_by() == expected.replaced_by;
    case Fate::kTaken:
      return state == Reservation::REPLACED || (state == Reservation::EXPIRED && may_have_expired);
    case Fate::kOffered:
      return state == Reservation::REPLACED ||
             (expected.open() > 0 ? as_a_hold : state == Reservation::RELEASED);
    case Fate::kConfirmed:
      if (expected.open() > 0) return state == Reservation::CONFIRMED;
      return state == Reservation::FULFILLED || state == Reservation::RELEASED;
    case Fate::kHeld:
      if (expected.open() > 0) return as_a_hold;
      return state == Reservation::FULFILLED || state == Reservation::RELEASED;
  }
  return false;
}

void Checker::CheckReservation(const std::string& id, const ExpectedReservation& expected) {
  const auto found = observed_.reservations.find(id);
  if (found == observed_.reservations.end()) {
    return Add(ViolationKind::kLost, absl::StrCat("reservation ", id, " of ", expected.owner));
  }
  const Reservation& observed = found->second;
  if (observed.owner_id() != expected.owner) {
    return Add(ViolationKind::kLost, absl::StrCat("reservation ", id, " of ", expected.owner,
                                                  " is now that of ", observed.owner_id()));
  }
  CheckLines(id, expected, observed);
  if (EndedAsItMay(expected, observed)) return;
  const bool overdue = observed.state() == Reservation::HELD && expected.fate != Fate::kConfirmed;
  Add(overdue ? ViolationKind::kStranded : ViolationKind::kLost,
      absl::StrCat("reservation ", id, " of ", expected.owner, " is ",
                   Reservation::State_Name(observed.state()), "; ", expected.open(),
                   " units are open, its fate is ", static_cast<int>(expected.fate),
                   " and its deadline ", (expected.expires - observed_.until).count / 1000,
                   " ms from now"));
}

void Checker::CheckLines(const std::string& id, const ExpectedReservation& expected,
                         const Reservation& observed) {
  // What went back with its end is told by its state.
  const bool ended_whole =
      observed.state() == Reservation::EXPIRED || observed.state() == Reservation::REPLACED;
  std::map<std::string, const Reservation::Line*> lines;
  for (const auto& line : observed.lines()) lines[line.line_id()] = &line;
  for (const auto& [line_id, line] : expected.lines) {
    const Reservation::Line* const there = lines[line_id];
    if (there != nullptr && there->sku() == line.sku && there->quantity() == line.quantity &&
        there->fulfilled() == line.fulfilled && there->missing() == line.missing &&
        (ended_whole || there->released() == line.released)) {
      continue;
    }
    Add(ViolationKind::kLost,
        absl::StrCat("reservation ", id, " line ", line_id, ": expected ", line.quantity, " of ",
                     line.sku, ", fulfilled ", line.fulfilled, ", released ", line.released,
                     ", missing ", line.missing, "; there is ",
                     there == nullptr ? "no such line" : there->ShortDebugString()));
  }
  if (lines.size() != expected.lines.size()) {
    Add(ViolationKind::kLost, absl::StrCat("reservation ", id, " has other lines"));
  }
}

void Checker::CheckPresence(const Reservation& reservation) {
  if (const auto order_id = OrderOf(reservation)) {
    return CheckOrdersReservation(*order_id, reservation);
  }
  if (closed_ && IsOpen(reservation)) {
    Add(ViolationKind::kStranded,
        absl::StrCat("reservation ", reservation.reservation_id(), " of ", reservation.owner_id(),
                     " is ", Reservation::State_Name(reservation.state()), " after the closing"));
  }
  if (expected_.reservations.contains(reservation.reservation_id())) return;
  if (expected_.refused_owners.contains(reservation.owner_id())) {
    return Add(ViolationKind::kPresent,
               absl::StrCat("reservation ", reservation.reservation_id(), " of ",
                            reservation.owner_id(), " was refused"));
  }
  for (const auto& [id, known] : expected_.reservations) {
    if (known.owner != reservation.owner_id()) continue;
    return Add(ViolationKind::kTwice,
               absl::StrCat("reservation ", reservation.reservation_id(), " of ",
                            reservation.owner_id(), ", who was told of ", id, " only"));
  }
  Add(ViolationKind::kPresent, absl::StrCat("reservation ", reservation.reservation_id(), " of ",
                                            reservation.owner_id(), " was acknowledged to nobody"));
}

void Checker::CheckOrdersReservation(const std::string& order_id, const Reservation& reservation) {
  const std::string name =
      absl::StrCat("reservation ", reservation.reservation_id(), " of ", reservation.owner_id());
  if (reservation.state() == Reservation::HELD) {
    // An order may have been given up with its hold in place: until the deadline.
    if (observed_.from > InstantOf(reservation.expire_time()) + kExpiryMargin) {
      Add(ViolationKind::kStranded, absl::StrCat(name, " is held beyond its deadline"));
    }
    return;
  }
  if (reservation.state() != Reservation::CONFIRMED) return;
  const auto order = observed_.orders.find(order_id);
  if (order == observed_.orders.end()) {
    return Add(ViolationKind::kStranded, absl::StrCat(name, " is allocated to no order"));
  }
  const auto state = order->second.state();
  if (state == Order::COMPLETED || state == Order::CANCELLED) {
    Add(ViolationKind::kStranded,
        absl::StrCat(name, " is allocated to an order that is ", Order::State_Name(state)));
  }
}

void Checker::CheckOrder(const std::string& id, const ExpectedOrder& expected) {
  const auto found = observed_.orders.find(id);
  if (found == observed_.orders.end()) {
    return Add(ViolationKind::kLost, absl::StrCat("order ", id, " (", expected.external_id, ")"));
  }
  const Order& observed = found->second;
  std::map<std::string, const Order::Line*> lines;
  for (const auto& line : observed.lines()) lines[line.line_id()] = &line;
  for (const auto& [line_id, line] : expected.lines) {
    const Order::Line* const there = lines[line_id];
    if (there != nullptr && there->sku() == line.sku && there->ordered() == line.ordered &&
        there->cancelled() == line.cancelled && there->fulfilled() == line.fulfilled &&
        there->cancel_requested() == line.cancel_requested &&
        there->return_requested() == line.return_requested && there->returned() == line.returned) {
      continue;
    }
    Add(ViolationKind::kLost,
        absl::StrCat("order ", id, " line ", line_id, ": expected ", line.ordered, " of ", line.sku,
                     ", cancelled ", line.cancelled, " and asked for ", line.cancel_requested,
                     ", fulfilled ", line.fulfilled, ", announced ", line.return_requested,
                     ", returned ", line.returned, "; there is ",
                     there == nullptr ? "no such line" : there->ShortDebugString()));
  }
  if (lines.size() != expected.lines.size()) {
    Add(ViolationKind::kLost, absl::StrCat("order ", id, " has other lines"));
  }
  for (const Task& task : observed.tasks()) CheckTask(observed, task);
}

void Checker::CheckTask(const Order& order, const Task& task) {
  const auto found = expected_.tasks.find(task.task_id());
  if (found == expected_.tasks.end() || found->second == task.state()) return;
  // Its order was cancelled, or the rest of it.
  if (task.state() == Task::CANCELLED) return;
  Add(ViolationKind::kLost,
      absl::StrCat("task ", task.task_id(), " of order ", order.order_id(), " was ",
                   Task::State_Name(found->second), " and is ", Task::State_Name(task.state())));
}

void Checker::CheckPresence(const Order& order) {
  if (expected_.orders.contains(order.order_id())) return;
  if (expected_.refused_external_ids.contains(order.external_id())) {
    return Add(ViolationKind::kPresent, absl::StrCat("order ", order.order_id(), " (",
                                                     order.external_id(), ") was refused"));
  }
  for (const auto& [id, known] : expected_.orders) {
    if (known.external_id.empty() || known.external_id != order.external_id()) continue;
    return Add(ViolationKind::kTwice, absl::StrCat("orders ", id, " and ", order.order_id(),
                                                   " for ", order.external_id()));
  }
  Add(ViolationKind::kPresent,
      absl::StrCat("order ", order.order_id(), " was acknowledged to nobody"));
}

// Finished, with people at work on it, or in the exception queue: never anything else.
void Checker::CheckSettled(const Order& order) {
  const std::string name = absl::StrCat("order ", order.order_id());
  std::map<std::string, int64_t> promised;
  int64_t unallocated = 0;
  for (const auto& line : order.lines()) {
    promised[line.sku()] += line.allocated();
    unallocated += line.unallocated();
  }
  for (const std::string& id : order.reservation_ids()) {
    const auto found = observed_.reservations.find(id);
    if (found == observed_.reservations.end()) continue;
    for (const auto& line : found->second.lines()) promised[line.sku()] -= line.open();
  }
  for (const auto& [sku, difference] : promised) {
    if (difference == 0) continue;
    Add(ViolationKind::kStranded,
        absl::StrCat(name, " differs from its reservations by ", difference, " of ", sku));
  }
  if (order.state() == Order::PENDING) Add(ViolationKind::kStranded, name + " is PENDING");
  if (unallocated > 0) {
    bool queued = false;
    for (const auto& item : observed_.exceptions) {
      queued = queued || item.order_id() == order.order_id();
    }
    if (order.state() != Order::AWAITING_STOCK || !queued) {
      Add(ViolationKind::kStranded,
          absl::StrCat(name, " has ", unallocated, " units without stock and is ",
                       Order::State_Name(order.state()), ", not in the exception queue"));
    }
  }
  if (closed_ && order.state() != Order::COMPLETED && order.state() != Order::CANCELLED) {
    Add(ViolationKind::kStranded,
        absl::StrCat(name, " is ", Order::State_Name(order.state()), " after the closing"));
  }
}

void Checker::CheckReturn(const std::string& id, const ExpectedReturn& expected) {
  using orders::v1::Return;
  const auto found = observed_.returns.find(id);
  if (found == observed_.returns.end()) {
    return Add(ViolationKind::kLost, absl::StrCat("return ", id));
  }
  const Return::State state = expected.unmatched  ? Return::UNMATCHED
                              : expected.received ? Return::RECEIVED
                                                  : Return::REQUESTED;
  if (found->second.state() == state && found->second.order_id() == expected.order_id) return;
  Add(ViolationKind::kLost,
      absl::StrCat("return ", id, " of order ", expected.order_id, " is ",
                   Return::State_Name(found->second.state()), ", not ", Return::State_Name(state)));
}

void Checker::CheckStock() {
  std::map<StockKey, int64_t> reserved;
  std::map<StockKey, int64_t> allocated;
  // Of a pool's holds it is only known how many units stand somewhere.
  std::map<std::string, int64_t> flexible;
  for (const auto& [id, reservation] : observed_.reservations) {
    if (!IsOpen(reservation)) continue;
    auto& sums = reservation.state() == Reservation::HELD ? reserved : allocated;
    for (const auto& line : reservation.lines()) {
      for (const auto& placement : line.placements()) {
        sums[{line.sku(), placement.location_id()}] += placement.quantity();
      }
      for (const auto& place : line.backing()) flexible[line.sku()] += place.quantity();
    }
  }
  for (const retail::Item& item : world_.items) {
    for (const retail::Place& place : world_.places) {
      const StockKey key = {item.sku, place.id};
      CheckKey(key, place.online(), reserved[key], allocated[key]);
      const auto found = observed_.stock.find(key);
      if (found != observed_.stock.end()) flexible[item.sku] -= found->second.flexible();
    }
    if (flexible[item.sku] == 0) continue;
    Add(ViolationKind::kStranded,
        absl::StrCat(item.sku, ": holds of pools have ", flexible[item.sku],
                     " more units open than stand anywhere"));
  }
}

void Checker::CheckKey(const StockKey& key, bool online, int64_t reserved, int64_t allocated) {
  const std::string name = absl::StrCat(key.first, " at ", key.second, ": ");
  const auto known = expected_.stock.find(key);
  const ExpectedStock expected = known == expected_.stock.end() ? ExpectedStock() : known->second;
  const auto found = observed_.stock.find(key);
  if (found == observed_.stock.end()) {
    return Add(ViolationKind::kStockDiffers, absl::StrCat(name, "not answered"));
  }
  const stock::v1::Availability& there = found->second;
  if (there.on_hand() != expected.on_hand || there.unusable() != expected.unusable) {
    Add(ViolationKind::kStockDiffers,
        absl::StrCat(name, "on hand ", there.on_hand(), ", recorded ", expected.on_hand,
                     "; unusable ", there.unusable(), ", recorded ", expected.unusable));
  }
  if (there.reserved() + there.allocated() - there.flexible() != reserved + allocated ||
      there.reserved() < reserved || there.allocated() < allocated) {
    Add(ViolationKind::kStranded,
        absl::StrCat(name, "reserved ", there.reserved(), ", by reservations ", reserved,
                     "; allocated ", there.allocated(), ", by reservations ", allocated, "; ",
                     there.flexible(), " of pools' holds"));
  }
  if (!online) return;
  const int64_t usable = there.on_hand() - there.unusable();
  const int64_t promised = there.reserved() + there.allocated();
  if (usable < promised || there.on_hand() < 0 || there.shortage() != 0) {
    Add(ViolationKind::kOversold, absl::StrCat(name, "usable ", usable, ", promised ", promised,
                                               ", shortage ", there.shortage()));
  }
}

// By what the clients were told alone: per item, over all places that sell online.
void Checker::CheckOversold() {
  std::map<std::string, int64_t> usable;
  std::map<std::string, int64_t> promised;
  std::set<std::string> online;
  for (const retail::Place& place : world_.places) {
    if (place.online()) online.insert(place.id);
  }
  for (const auto& [key, stock] : expected_.stock) {
    if (online.contains(key.second)) usable[key.first] += stock.on_hand - stock.unusable;
  }
  for (const auto& [id, reservation] : expected_.reservations) {
    const bool live = reservation.fate == Fate::kConfirmed ||
                      (reservation.fate == Fate::kHeld && observed_.until < reservation.expires);
    if (!live) continue;
    for (const auto& [line_id, line] : reservation.lines) promised[line.sku] += line.open();
  }
  for (const auto& [id, order] : expected_.orders) {
    for (const auto& [line_id, line] : order.lines) {
      promised[line.sku] += line.ordered - line.cancelled - line.fulfilled;
    }
  }
  // What awaits stock is promised to nobody.
  for (const auto& [id, order] : observed_.orders) {
    for (const auto& line : order.lines()) promised[line.sku()] -= line.unallocated();
  }
  for (const auto& [sku, quantity] : promised) {
    if (quantity > usable[sku]) {
      Add(ViolationKind::kOversold, absl::StrCat(sku, ": clients were promised ", quantity, " of ",
                                                 usable[sku], " usable units"));
    }
  }
}

}  // namespace

const char* NameOf(ViolationKind kind) {
  switch (kind) {
    case ViolationKind::kLost:
      return "lost";
    case ViolationKind::kPresent:
      return "present though refused";
    case ViolationKind::kTwice:
      return "accepted twice";
    case ViolationKind::kOversold:
      return "oversold";
    case ViolationKind::kStranded:
      return "stranded";
    case ViolationKind::kStockDiffers:
      return "stock differs";
    case ViolationKind::kAnswerChanged:
      return "answer changed";
    case ViolationKind::kUnexpectedAnswer:
      return "unexpected answer";
    case ViolationKind::kUnanswered:
      return "unanswered";
    case ViolationKind::kProcess:
      return "process";
    case ViolationKind::kVerify:
      return "verify";
  }
  return "";
}

std::vector<Violation> Check(const retail::World& world, const Expected& expected,
                             const Observed& observed, bool closed) {
  return Checker(world, expected, observed, closed).Run();
}

int64_t OpenReservations(const Observed& observed) {
  int64_t open = 0;
  for (const auto& [id, reservation] : observed.reservations) open += IsOpen(reservation) ? 1 : 0;
  return open;
}

}  // namespace quartermaster::crash
