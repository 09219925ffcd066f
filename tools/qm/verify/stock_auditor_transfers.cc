// What transfers do to the books: on hand of both ends, what is in transit, and what orders have on
// its way.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

namespace stock_events = ::quartermaster::stock::events::v1;

namespace {

std::string TransferKey(const BookedTransfer& transfer) {
  return absl::StrCat("transfer ", transfer.id);
}

}  // namespace

void StockAuditor::On(const stock_events::TransferRequested& event) {
  BookedTransfer transfer{.id = event.transfer_id(), .from = event.from(), .to = event.to()};
  const std::string key = TransferKey(transfer);
  CheckKey(0, event.from());
  CheckKey(0, event.to());
  if (event.from() == event.to()) Difference(key, "runs from a location to itself");
  for (const auto& asked : event.lines()) {
    CheckKey(asked.sku(), event.from());
    BookedTransfer::Line& line = transfer.lines.emplace_back();
    line.sku = asked.sku();
    line.asked = asked.quantity();
    line.reservation = asked.reservation();
    line.reservation_line = asked.reservation_line();
    line.of_order = asked.of_order();
    if (asked.quantity() <= 0) Difference(key, absl::StrCat("asks for ", asked.quantity()));
    const BookedReservation::Line* owned = OwnedBy(line);
    const auto there = owned == nullptr                     ? 0
                       : owned->open.contains(event.from()) ? owned->open.at(event.from())
                                                            : 0;
    if (owned == nullptr || owned->sku != line.sku || there < line.asked) {
      Difference(key, absl::StrCat("allocates ", line.asked, " units of ",
                                   ReservationName(line.reservation), ", which has ", there,
                                   " open there"));
    }
    if (owned == nullptr) continue;
    const std::string& owner = books_.reservations.at(line.reservation).owner;
    const bool own = owner == absl::StrCat("transfer/", event.transfer_id());
    if (line.of_order ? owner.starts_with("transfer/") : !own) {
      Difference(key, absl::StrCat("has units of ", owner,
                                   line.of_order ? " as an order's" : " as its own"));
    }
  }
  if (!books_.transfer_names.Add(event.transfer(), event.transfer_id())) {
    Difference(key,
               absl::StrCat("is named as ", event.transfer(), ", which is not the next new id"));
  }
  books_.transfers[event.transfer()] = std::move(transfer);
}

BookedReservation::Line* StockAuditor::OwnedBy(const BookedTransfer::Line& line) {
  const auto found = books_.reservations.find(line.reservation);
  if (found == books_.reservations.end() || !found->second.is_open()) return nullptr;
  if (line.reservation_line >= found->second.lines.size()) return nullptr;
  return &found->second.lines[line.reservation_line];
}

BookedTransfer* StockAuditor::FindTransfer(uint32_t transfer, std::string_view event) {
  const auto found = books_.transfers.find(transfer);
  if (found != books_.transfers.end()) return &found->second;
  Difference(absl::StrCat("transfer #", transfer),
             absl::StrCat(std::string(event), " names it, but it never was"));
  return nullptr;
}

BookedTransfer::Line* StockAuditor::LineOf(BookedTransfer& transfer, uint32_t line, uint32_t sku) {
  if (line == transfer.lines.size()) transfer.lines.emplace_back().sku = sku;
  if (line < transfer.lines.size() && transfer.lines[line].sku == sku) {
    return &transfer.lines[line];
  }
  Difference(TransferKey(transfer),
             absl::StrCat("has no line ", line, " of ", books_.skus.Name(sku)));
  return nullptr;
}

void StockAuditor::CheckTravel(const BookedTransfer& transfer, const BookedTransfer::Line& line) {
  if (line.presumed >= 0 && line.lost >= 0 && line.in_transit() >= 0) return;
  Difference(TransferKey(transfer),
             absl::StrCat("of ", books_.skus.Name(line.sku), " ", line.shipped, " were shipped (",
                          line.presumed, " presumed), ", line.received, " received, ", line.lost,
                          " lost"));
}

void StockAuditor::On(const stock_events::TransferShipped& event) {
  BookedTransfer* transfer = FindTransfer(event.transfer(), "TransferShipped");
  if (transfer == nullptr) return;
  std::map<int64_t, BookedReservation*> touched;
  for (const auto& shipped : event.lines()) {
    const StockKey from{shipped.sku(), transfer->from};
    CheckKey(shipped.sku(), transfer->from);
    HappensOnce(from, shipped.effect_key(), shipped.quantity());
    BookedTransfer::Line* line = LineOf(*transfer, shipped.line(), shipped.sku());
    if (line == nullptr) continue;
    line->shipped += shipped.quantity();
    line->presumed += shipped.presumed();
    CheckTravel(*transfer, *line);
    if (shipped.quantity() < 0 || shipped.allocated() < 0 ||
        shipped.allocated() > shipped.quantity() || shipped.in_count() < 0 ||
        shipped.in_count() > shipped.quantity()) {
      Difference(
          TransferKey(*transfer),
          absl::StrCat("ships ", shipped.quantity(), " units, of which ", shipped.allocated(),
                       " allocated and ", shipped.in_count(), " missing in a count"));
    }
    if (shipped.allocated() > 0) {
      BookedReservation* r = FindOpen(line->reservation, "TransferShipped");
      if (r == nullptr) continue;
      stock_events::Part part;
      part.set_line(line->reservation_line);
      part.set_location(transfer->from);
      part.set_quantity(shipped.allocated());
      const auto counted = line->of_order ? &BookedReservation::Line::in_transit
                                          : &BookedReservation::Line::fulfilled;
      if (TakePart(line->reservation, *r, part, counted) != nullptr && line->of_order) {
        line->from_order += shipped.allocated();
      }
      for (auto& of : r->lines) of.ForgetUncovered();
      touched[line->reservation] = r;
    }
    Balance& balance = books_.balances[from];
    balance.on_hand -= shipped.quantity() - shipped.in_count();
    balance.transferred -= shipped.quantity();
    // The count has taken these off already.
    balance.adjusted += shipped.in_count();
    books_.facts[from].push_back(FactOf(event, books_.time_unix_us, -shipped.quantity()));
    books_.in_transit[{shipped.sku(), transfer->to}] += shipped.quantity();
  }
  for (const auto& [id, r] : touched) EndIfNothingIsOpen(id, *r);
  if (transfer->in_transit() > 0) transfer->closed = false;
}

void StockAuditor::On(const stock_events::TransferReceived& event) {
  BookedTransfer* transfer = FindTransfer(event.transfer(), "TransferReceived");
  if (transfer == nullptr) return;
  for (const auto& received : event.lines()) {
    const StockKey to{received.sku(), transfer->to};
    CheckKey(received.sku(), transfer->to);
    HappensOnce(to, received.effect_key(), received.quantity());
    BookedTransfer::Line* line = LineOf(*transfer, received.line(), received.sku());
    if (line == nullptr) continue;
    if (received.in_count() < 0 || received.in_count() > received.quantity()) {
      Difference(TransferKey(*transfer),
                 absl::StrCat("receives ", received.quantity(), " units, of which a count has ",
                              received.in_count()));
    }
    line->received += received.quantity();
    line->lost -= received.found();
    CheckTravel(*transfer, *line);
    Balance& balance = books_.balances[to];
    balance.on_hand += received.quantity() - received.in_count();
    balance.transferred += received.quantity();
    balance.adjusted -= received.in_count();
    books_.facts[to].push_back(FactOf(event, books_.time_unix_us, received.quantity()));
    AddToCondition(to, received.condition(), received.quantity());
    books_.in_transit[to] -= received.quantity() - received.found();
    const bool sellable = received.condition() <= stock::v1::Adjustment::SELLABLE;
    GiveBack(*transfer, *line, received.quantity() - received.found(), received.of_order(),
             sellable ? transfer->to : 0);
  }
  transfer->all_received |= event.last();
}

void StockAuditor::On(const stock_events::TransferClosed& event) {
  BookedTransfer* transfer = FindTransfer(event.transfer(), "TransferClosed");
  if (transfer == nullptr) return;
  if (transfer->closed) Difference(TransferKey(*transfer), "is closed twice");
  for (const auto& lost : event.lost()) {
    if (lost.line() >= transfer->lines.size()) {
      Difference(TransferKey(*transfer), absl::StrCat("has no line ", lost.line()));
      continue;
    }
    BookedTransfer::Line& line = transfer->lines[lost.line()];
    line.lost += lost.quantity();
    CheckTravel(*transfer, line);
    books_.in_transit[{line.sku, transfer->to}] -= lost.quantity();
    GiveBack(*transfer, line, lost.quantity(), lost.of_order(), 0);
  }
  if (transfer->in_transit() != 0) {
    Difference(TransferKey(*transfer),
               absl::StrCat("is closed, and ", transfer->in_transit(), " units are in transit"));
  }
  transfer->closed = true;
}

void StockAuditor::GiveBack(const BookedTransfer& transfer, BookedTransfer::Line& line,
                            int64_t ended, int64_t units, uint32_t location) {
  BookedReservation::Line* owned = line.of_order ? OwnedBy(line) : nullptr;
  const int64_t due = owned == nullptr ? 0 : std::min(ended, line.from_order);
  if (units != due || (owned != nullptr && units > owned->in_transit)) {
    Difference(TransferKey(transfer),
               absl::StrCat("gives back ", units, " units to ", ReservationName(line.reservation),
                            ", and not ", due, " of the ", owned == nullptr ? 0 : owned->in_transit,
                            " that it has in transit"));
    return;
  }
  if (units == 0) return;
  line.from_order -= units;
  BookedReservation& r = books_.reservations.at(line.reservation);
  owned->in_transit -= units;
  if (location == 0) {
    owned->missing += units;
    Use(r, *owned, -units);
    EndIfNothingIsOpen(line.reservation, r);
    return;
  }
  owned->open[location] += units;
  Promise(r, {line.sku, location}, units);
}

void StockAuditor::CheckTransfers() {
  std::map<StockKey, int64_t> in_transit;
  std::map<std::pair<int64_t, uint32_t>, int64_t> travelling;
  std::map<uint32_t, int64_t> net;
  for (const auto& [index, transfer] : books_.transfers) {
    for (const auto& line : transfer.lines) {
      in_transit[{line.sku, transfer.to}] += line.in_transit();
      net[line.sku] += line.in_transit() + line.lost;
      if (line.of_order && OwnedBy(line) != nullptr) {
        travelling[{line.reservation, line.reservation_line}] += line.from_order;
      }
      if (transfer.all_received && line.in_transit() != 0) {
        Difference(TransferKey(transfer),
                   absl::StrCat("no more will come, and ", line.in_transit(), " units of ",
                                books_.skus.Name(line.sku), " are in transit"));
      }
    }
  }
  for (const auto& [key, units] : books_.in_transit) {
    if (in_transit[key] == units) continue;
    Difference(books_.KeyName(key), absl::StrCat("transfers have ", in_transit[key],
                                                 " units in transit to it, not ", units));
  }
  // Transferred out = transferred in + in transit + lost.
  for (const auto& [key, balance] : books_.balances) net[key.first] += balance.transferred;
  for (const auto& [sku, units] : net) {
    if (units == 0) continue;
    Difference(absl::StrCat("stock ", books_.skus.Name(sku)),
               absl::StrCat(units, " more units are in transit or lost than left"));
  }
  for (const auto& [id, r] : books_.reservations) {
    for (uint32_t i = 0; i < r.lines.size(); ++i) {
      const int64_t has = r.lines[i].in_transit;
      const auto found = travelling.find({id, i});
      const int64_t brought = found == travelling.end() ? 0 : found->second;
      if (has != brought) {
        Difference(ReservationKey(id), absl::StrCat("line ", r.lines[i].line_id, " has ", has,
                                                    " units in transit, transfers have ", brought));
      }
    }
  }
}

}  // namespace quartermaster::qm
