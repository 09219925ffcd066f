#include "tools/retail/checker.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/retail/clock.h"

namespace quartermaster::retail {
namespace {

using Key = std::pair<ItemIndex, PlaceIndex>;
using stock::v1::Reservation;

constexpr size_t kKeysPerCall = 1000;
constexpr size_t kFindingsMax = 10;

// Sums up from several threads.
class Findings {
 public:
  explicit Findings(Verdict* verdict) : verdict_(*verdict) {}

  void Add(int64_t Verdict::*count, int64_t by, const std::string& what) {
    MutexLock lock(&mutex_);
    verdict_.*count += by;
    if (verdict_.findings.size() < kFindingsMax) verdict_.findings.push_back(what);
  }
  void Checked(int64_t Verdict::*count) {
    MutexLock lock(&mutex_);
    ++(verdict_.*count);
  }

 private:
  Mutex mutex_;
  Verdict& verdict_ ABSL_GUARDED_BY(mutex_);
};

// Calls `one` for 0 to n - 1 from several clients.
void InParallel(Shop* shop, const tools::AddressBook& addresses, int threads, size_t n,
                const std::function<void(Client*, size_t)>& one) {
  std::atomic<size_t> next = 0;
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      Client client(addresses, &shop->calls, shop->seed() + t);
      for (size_t i = next.fetch_add(1); i < n; i = next.fetch_add(1)) one(&client, i);
    });
  }
  for (std::thread& worker : workers) worker.join();
}

// What a line of an order differs in; empty if it is as recorded.
std::string Difference(const LineRecord& line, const orders::v1::Order::Line& answered) {
  int64_t open = 0;
  for (const auto& [place, quantity] : line.open) open += quantity;
  const std::vector<std::pair<const char*, std::pair<int64_t, int64_t>>> pairs = {
      {"ordered", {line.ordered, answered.ordered()}},
      {"cancelled", {line.cancelled, answered.cancelled()}},
      {"fulfilled", {line.fulfilled, answered.fulfilled()}},
      {"allocated", {open, answered.allocated()}},
      {"unallocated", {line.unallocated, answered.unallocated()}},
      {"returned", {line.returned, answered.returned()}}};
  for (const auto& [name, values] : pairs) {
    if (values.first != values.second) {
      return absl::StrCat(name, " ", values.second, ", recorded ", values.first);
    }
  }
  return "";
}

// Minor units by which what a line comes to is not what it must be: the share of its units in what
// the shopper reckoned, and of that in what came back, but for shipping.
int64_t MoneyDifference(const LineRecord& line, const orders::v1::Order::Line& answered) {
  const auto& amounts = answered.amounts();
  const auto share = [&](int64_t amount, int64_t units) { return amount * units / line.ordered; };
  const int64_t total =
      amounts.subtotal_minor() - amounts.discount_minor() + amounts.charge_minor();
  return std::abs(amounts.total_minor() - total) +
         std::abs(amounts.fulfilled_minor() - share(total, line.fulfilled)) +
         std::abs(amounts.cancelled_minor() -
                  (total - share(total, line.ordered - line.cancelled))) +
         std::abs(amounts.refund_minor() - share(total - amounts.charge_minor(), line.returned));
}

// The same of the order: what it was placed with is what its lines come to, if it has them all.
int64_t MoneyDifference(const PlannedOrder& planned, const OrderRecord& record,
                        const orders::v1::Order& order) {
  int64_t sum = 0;
  for (const auto& line : order.lines()) sum += line.amounts().total_minor();
  int64_t difference = std::abs(order.balance().total_minor() - sum);
  bool whole = true;
  for (size_t i = 0; i < record.lines.size(); ++i) {
    whole = whole && record.lines[i].ordered == planned.lines[i].quantity;
  }
  if (whole) difference += std::abs(order.amounts().total_minor() - sum);
  // What was paid by card is what the customer has, once the provider has done what was intended.
  if (order.payments_size() > 0) {
    difference += std::abs(order.collected_minor() -
                           (order.balance().fulfilled_minor() - order.balance().refund_minor()));
  }
  return difference;
}

void CheckPlaced(const PlannedOrder& planned, Client* client, const OrderRecord& record,
                 Findings* findings) {
  orders::v1::GetOrderRequest request;
  orders::v1::Order order;
  request.set_order_id(record.order_id);
  const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client->orders()->GetOrder(context, request, &order);
  });
  if (!status.ok()) {
    findings->Add(&Verdict::lost, 1,
                  absl::StrCat("order ", record.order_id, ": ", status.error_message()));
    return;
  }
  std::map<std::string, const orders::v1::Order::Line*> answered;
  for (const auto& line : order.lines()) answered[line.line_id()] = &line;
  for (size_t i = 0; i < record.lines.size(); ++i) {
    const LineRecord& line = record.lines[i];
    const auto found = answered.find(absl::StrCat(i));
    std::string difference;
    if (found != answered.end()) {
      difference = Difference(line, *found->second);
    } else if (line.ordered > 0) {
      difference = "gone";
    }
    if (!difference.empty()) {
      findings->Add(&Verdict::lost, 1,
                    absl::StrCat("order ", record.order_id, " line ", i, ": ", difference));
      return;
    }
  }
  if (!order.has_amounts()) return;
  int64_t money = MoneyDifference(planned, record, order);
  for (size_t i = 0; i < record.lines.size(); ++i) {
    const auto found = answered.find(absl::StrCat(i));
    if (found != answered.end()) money += MoneyDifference(record.lines[i], *found->second);
  }
  if (money != 0) {
    findings->Add(&Verdict::money_differing, money,
                  absl::StrCat("order ", record.order_id, ": money differs by ", money));
  }
}

void CheckRefused(Shop* shop, Client* client, const OrderRecord& record, Findings* findings) {
  const PlannedOrder& planned = shop->plan().orders[record.planned];
  orders::v1::ListOrdersRequest request;
  orders::v1::ListOrdersResponse response;
  request.set_channel_id(planned.channel == Channel::kCarryOut ? "till" : "web");
  request.set_external_id(shop->RequestId(planned.external_id, 0));
  const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client->orders()->ListOrders(context, request, &response);
  });
  if (!status.ok()) return shop->Unexpected("ListOrders", status);
  if (response.orders_size() > 0) {
    findings->Add(&Verdict::stranded, 1,
                  absl::StrCat("order ", response.orders(0).order_id(),
                               " was refused and exists all the same"));
  }
}

void CheckOrders(Shop* shop, const tools::AddressBook& addresses, int threads, Verdict* verdict) {
  Findings findings(verdict);
  InParallel(shop, addresses, threads, shop->records.orders().size(),
             [&](Client* client, size_t index) {
               const OrderRecord& record = shop->records.orders()[index];
               if (record.fate == OrderRecord::Fate::kPlaced) {
                 CheckPlaced(shop->plan().orders[record.planned], client, record, &findings);
               } else if (record.fate == OrderRecord::Fate::kRefused && !record.sale) {
                 CheckRefused(shop, client, record, &findings);
               }
               findings.Checked(&Verdict::orders_checked);
             });
}

bool EndedAs(HoldRecord::Fate fate, Reservation::State state) {
  switch (fate) {
    case HoldRecord::Fate::kExpires:
      return state == Reservation::EXPIRED;
    case HoldRecord::Fate::kReleased:
      return state == Reservation::RELEASED || state == Reservation::EXPIRED;
    case HoldRecord::Fate::kTakenOver:
      return state == Reservation::REPLACED || state == Reservation::EXPIRED;
  }
  return false;
}

void CheckHold(const Shop& shop, Client* client, const HoldRecord& hold, Findings* findings) {
  stock::v1::GetReservationRequest request;
  Reservation answer;
  request.set_reservation_id(hold.reservation_id);
  const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
    return client->stock()->GetReservation(context, request, &answer);
  });
  std::string difference = status.error_message();
  if (status.ok()) {
    std::map<std::string, int64_t> units;
    for (const auto& line : answer.lines()) units[line.sku()] += line.quantity();
    for (const Want& want : hold.wants) units[shop.world().items[want.item].sku] -= want.quantity;
    const bool same_units = std::all_of(units.begin(), units.end(),
                                        [](const auto& entry) { return entry.second == 0; });
    if (!same_units) {
      difference = "other units";
    } else if (!EndedAs(hold.fate, answer.state())) {
      difference = absl::StrCat("in state ", Reservation::State_Name(answer.state()));
    } else {
      return;
    }
  }
  findings->Add(&Verdict::lost, 1, absl::StrCat("hold ", hold.reservation_id, ": ", difference));
}

void CheckHolds(Shop* shop, const tools::AddressBook& addresses, int threads, Verdict* verdict) {
  Findings findings(verdict);
  InParallel(shop, addresses, threads, shop->records.holds().size(),
             [&](Client* client, size_t index) {
               CheckHold(*shop, client, shop->records.holds()[index], &findings);
               findings.Checked(&Verdict::holds_checked);
             });
}

void CheckReturns(Shop* shop, const tools::AddressBook& addresses, int threads, Verdict* verdict) {
  Findings findings(verdict);
  InParallel(
      shop, addresses, threads, shop->records.returns().size(), [&](Client* client, size_t index) {
        const ReturnRecord& record = shop->records.returns()[index];
        orders::v1::GetReturnRequest request;
        orders::v1::Return answer;
        request.set_return_id(record.return_id);
        const grpc::Status status =
            client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
              return client->orders()->GetReturn(context, request, &answer);
            });
        const orders::v1::Return::State expected =
            record.matched ? orders::v1::Return::RECEIVED : orders::v1::Return::UNMATCHED;
        if (!status.ok() || answer.state() != expected) {
          findings.Add(&Verdict::lost, 1,
                       absl::StrCat("return ", record.return_id, ": ",
                                    status.ok() ? orders::v1::Return::State_Name(answer.state())
                                                : status.error_message()));
        }
        findings.Checked(&Verdict::returns_checked);
      });
}

// Where open orders' units are.
std::map<Key, int64_t> OpenUnits(const Records& records, Verdict* verdict) {
  std::map<Key, int64_t> open;
  for (const OrderRecord& record : records.orders()) {
    bool any = false;
    for (const LineRecord& line : record.lines) {
      for (const auto& [place, quantity] : line.open) {
        open[{line.item, place}] += quantity;
        any = any || quantity > 0;
      }
    }
    if (any) ++verdict->open_orders;
  }
  return open;
}

void CheckKey(const Shop& shop, const Key& key, const KeyRecord& record, int64_t open,
              const stock::v1::Availability& answered, Findings* findings) {
  const std::string name =
      absl::StrCat(shop.world().items[key.first].sku, " at ", shop.world().places[key.second].id);
  if (answered.on_hand() != record.on_hand() || answered.unusable() != record.unusable()) {
    findings->Add(
        &Verdict::keys_differing, 1,
        absl::StrCat(name, ": on hand ", answered.on_hand(), " (recorded ", record.on_hand(),
                     "), unusable ", answered.unusable(), " (recorded ", record.unusable(), ")"));
  }
  if (answered.allocated() != open || answered.reserved() != 0) {
    findings->Add(&Verdict::stranded, std::abs(answered.allocated() - open) + answered.reserved(),
                  absl::StrCat(name, ": allocated ", answered.allocated(), " (recorded ", open,
                               "), reserved ", answered.reserved(), " (recorded 0)"));
  }
  const int64_t usable = record.on_hand() - record.unusable();
  if (usable < open) {
    findings->Add(&Verdict::oversold, open - usable,
                  absl::StrCat(name, ": usable ", usable, ", promised ", open));
  }
}

void CheckKeys(Shop* shop, const tools::AddressBook& addresses, int threads, Verdict* verdict) {
  Verdict fresh;
  const std::map<Key, int64_t> open = OpenUnits(shop->records, &fresh);
  std::map<Key, KeyRecord> keys = shop->records.keys();
  for (const auto& [key, quantity] : open) keys[key];
  const std::vector<std::pair<Key, KeyRecord>> all(keys.begin(), keys.end());
  Findings findings(&fresh);
  const size_t calls = (all.size() + kKeysPerCall - 1) / kKeysPerCall;
  InParallel(shop, addresses, threads, calls, [&](Client* client, size_t call) {
    const size_t first = call * kKeysPerCall;
    const size_t end = std::min(first + kKeysPerCall, all.size());
    stock::v1::GetAvailabilityRequest request;
    stock::v1::GetAvailabilityResponse response;
    for (size_t i = first; i < end; ++i) {
      stock::v1::AvailabilityKey* key = request.add_keys();
      key->set_sku(shop->world().items[all[i].first.first].sku);
      key->set_location_id(shop->world().places[all[i].first.second].id);
    }
    const grpc::Status status = client->Call(CallKind::kOther, [&](grpc::ClientContext* context) {
      return client->stock()->GetAvailability(context, request, &response);
    });
    if (!status.ok()) return shop->Unexpected("GetAvailability", status);
    for (size_t i = first; i < end; ++i) {
      const auto found = open.find(all[i].first);
      CheckKey(*shop, all[i].first, all[i].second, found == open.end() ? 0 : found->second,
               response.availabilities(static_cast<int>(i - first)), &findings);
      findings.Checked(&Verdict::keys_checked);
    }
  });
  *verdict = std::move(fresh);
}

}  // namespace

Verdict Check(Shop* shop, const tools::AddressBook& addresses, int threads, Micros settled_within) {
  Verdict verdict;
  const Instant until = WallClock() + settled_within;
  while (true) {
    CheckKeys(shop, addresses, threads, &verdict);
    const bool settled = verdict.stranded == 0 && verdict.keys_differing == 0;
    if (settled || WallClock() > until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  CheckOrders(shop, addresses, threads, &verdict);
  CheckHolds(shop, addresses, threads, &verdict);
  CheckReturns(shop, addresses, threads, &verdict);
  if (const int64_t oversold = shop->books.Oversold(); oversold > 0) {
    verdict.oversold += oversold;
    verdict.findings.push_back(absl::StrCat(oversold, " units promised beyond supply at once"));
  }
  return verdict;
}

}  // namespace quartermaster::retail
