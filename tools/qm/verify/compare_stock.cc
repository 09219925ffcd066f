#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/status_macros.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"
#include "tools/qm/verify/live_compare.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

constexpr int kPageSize = 1'000;

struct Snapshot {
  int64_t position = 0;
  std::map<std::pair<std::string, std::string>, stockv1::Availability> values;
};

// All keys at one exact cut.
absl::Status ReadSnapshot(Context& context, Stub& stub, Snapshot* snapshot) {
  grpc::ClientContext call;
  call.set_deadline(std::chrono::system_clock::now() + context.settings().timeout);
  const auto stream = stub.WatchAvailability(&call, stockv1::WatchAvailabilityRequest());
  stockv1::WatchAvailabilityResponse message;
  bool current = false;
  while (!current && stream->Read(&message)) {
    for (auto& value : *message.mutable_availabilities()) {
      auto key = std::make_pair(value.key().sku(), value.key().location_id());
      snapshot->values[std::move(key)] = std::move(value);
    }
    current = message.current();
  }
  if (!current) return CallError("WatchAvailability", stream->Finish());
  call.TryCancel();
  stream->Finish();
  const std::optional<int64_t> position = ParseInteger(message.position());
  if (!position) return absl::InternalError("WatchAvailability gave no position for its cut");
  snapshot->position = *position;
  return absl::OkStatus();
}

// Those that have units: "; damaged 2, suspect 1".
std::string Conditions(const Balance& b) {
  std::string text;
  for (const auto& [condition, units] : b.in_condition) {
    if (units == 0) continue;
    absl::StrAppend(&text, text.empty() ? "; " : ", ",
                    EnumName(stockv1::Adjustment::Condition_descriptor(), condition), " ", units);
  }
  return text;
}

std::string Figures(int64_t available, const Balance& b, int64_t shortage, int64_t flexible,
                    int64_t in_transit) {
  return absl::StrCat("available ", available, ", on hand ", b.on_hand, ", reserved ", b.reserved,
                      ", allocated ", b.allocated, ", unusable ", b.unusable, ", shortage ",
                      shortage, ", flexible ", flexible, ", in transit ", in_transit,
                      Conditions(b));
}

void CompareBalance(const StockBooks& books, const StockKey& key, const stockv1::Availability& live,
                    Findings* findings) {
  const auto found = books.balances.find(key);
  const Balance booked = found == books.balances.end() ? Balance{} : found->second;
  const int64_t free = booked.usable() - booked.promised();
  // Flexible units may make room here, as many as stand here; how many of them can, depends on
  // everyone else's, and is stock's to say. So is whether units that stand on safety stock have to
  // come here, and where those stand that are held for channels.
  const int64_t flexible = books.FlexibleAt(key);
  const int64_t kept = books.SafetyStockOf(key);
  const bool others_may_come =
      (!books.safety_stock.empty() && books.HasFlexible(key.first)) || books.HasQuota(key.first);
  const int64_t least = others_may_come ? 0 : std::max<int64_t>(0, free - kept);
  const int64_t most = std::max<int64_t>(least, free + flexible - kept);
  const int64_t available = std::clamp(live.available(), least, most);
  const auto coming = books.in_transit.find(key);
  const int64_t in_transit = coming == books.in_transit.end() ? 0 : coming->second;
  const std::string expected =
      Figures(available, booked, std::max<int64_t>(0, -free), flexible, in_transit);
  Balance answered;
  answered.on_hand = live.on_hand();
  answered.reserved = live.reserved();
  answered.allocated = live.allocated();
  answered.unusable = live.unusable();
  answered.in_condition = {{stockv1::Adjustment::DAMAGED, live.damaged()},
                           {stockv1::Adjustment::QUARANTINE, live.quarantine()},
                           {stockv1::Adjustment::INSPECTION, live.inspection()},
                           {stockv1::Adjustment::SUSPECT, live.suspect()}};
  const std::string actual =
      Figures(live.available(), answered, live.shortage(), live.flexible(), live.in_transit());
  if (expected != actual) {
    findings->Difference(books.KeyName(key),
                         absl::StrCat("at position ", books.position, " the log says ", expected,
                                      "; stock says ", actual));
  }
}

void CompareBalances(const StockBooks& books, const Snapshot& snapshot, Findings* findings,
                     Compared* compared) {
  for (const auto& [name, live] : snapshot.values) {
    const StockKey key{books.skus.Find(name.first), books.locations.Find(name.second)};
    ++compared->balances;
    if (key.first == 0 || key.second == 0) {
      findings->Difference(absl::StrCat("stock ", name.first, " at ", name.second),
                           "stock has it, and the log never registered it");
      continue;
    }
    CompareBalance(books, key, live, findings);
  }
  for (const auto& [key, balance] : books.balances) {
    const auto name = std::make_pair(books.skus.Name(key.first), books.locations.Name(key.second));
    if (!snapshot.values.contains(name)) {
      CompareBalance(books, key, stockv1::Availability(), findings);
    }
  }
}

// A reservation in one line, the same way from either side.
std::string Describe(const BookedReservation& r, const StockBooks& books) {
  std::string text = absl::StrCat(stockv1::Reservation::State_Name(r.state), " of ", r.owner);
  if (r.replaced_by != 0) absl::StrAppend(&text, ", replaced by ", ReservationName(r.replaced_by));
  if (r.state == stockv1::Reservation::HELD) absl::StrAppend(&text, ", until ", r.expire_unix_us);
  for (const auto& line : r.lines) {
    absl::StrAppend(&text, "; ", line.line_id, " ", books.skus.Name(line.sku), " ", line.quantity,
                    ": fulfilled ", line.fulfilled, " released ", line.released, " missing ",
                    line.missing, " open");
    std::map<std::string, int64_t> open;
    for (const auto& [location, units] : line.open) open[books.locations.Name(location)] = units;
    for (const auto& [location, units] : open) absl::StrAppend(&text, " ", location, "=", units);
    if (line.flexible > 0) absl::StrAppend(&text, " flexible ", line.flexible);
    if (line.uncovered_units() > 0) absl::StrAppend(&text, " uncovered ", line.uncovered_units());
    if (line.in_transit > 0) absl::StrAppend(&text, " in transit ", line.in_transit);
    if (line.waiting > 0) {
      absl::StrAppend(&text, " waiting ", line.waiting, " until ", line.needed_by_unix_us, " late ",
                      line.late);
    }
  }
  return text;
}

void DescribeLine(const stockv1::Reservation::Line& line, std::string& text) {
  // A kit's line is what its parts say.
  for (const auto& part : line.components()) DescribeLine(part, text);
  if (!line.components().empty()) return;
  absl::StrAppend(&text, "; ", line.line_id(), " ", line.sku(), " ", line.quantity(),
                  ": fulfilled ", line.fulfilled(), " released ", line.released(), " missing ",
                  line.missing(), " open");
  std::map<std::string, int64_t> open;
  for (const auto& p : line.placements()) open[p.location_id()] += p.quantity();
  for (const auto& [location, units] : open) absl::StrAppend(&text, " ", location, "=", units);
  int64_t flexible = 0;
  for (const auto& p : line.backing()) flexible += p.quantity();
  if (flexible > 0) absl::StrAppend(&text, " flexible ", flexible);
  if (line.uncovered() > 0) absl::StrAppend(&text, " uncovered ", line.uncovered());
  if (line.in_transit() > 0) absl::StrAppend(&text, " in transit ", line.in_transit());
  if (line.waiting() > 0) {
    absl::StrAppend(&text, " waiting ", line.waiting(), " until ",
                    line.needed_by().seconds() * 1'000'000 + line.needed_by().nanos() / 1'000,
                    " late ", line.late());
  }
}

std::string Describe(const stockv1::Reservation& r) {
  std::string text =
      absl::StrCat(stockv1::Reservation::State_Name(r.state()), " of ", r.owner_id());
  if (!r.replaced_by().empty()) absl::StrAppend(&text, ", replaced by ", r.replaced_by());
  if (r.state() == stockv1::Reservation::HELD) {
    absl::StrAppend(&text, ", until ",
                    r.expire_time().seconds() * 1'000'000 + r.expire_time().nanos() / 1'000);
  }
  for (const auto& line : r.lines()) DescribeLine(line, text);
  return text;
}

// One page, against the books at the page's own position. `after` is the last reservation of the
// page before it.
void ComparePage(const StockBooks& books, const stockv1::ListReservationsResponse& page,
                 int64_t* after, Findings* findings) {
  auto next = books.reservations.upper_bound(*after);
  for (const auto& live : page.reservations()) {
    const std::string key = "reservation " + live.reservation_id();
    const int64_t id = ReservationNumber(live.reservation_id()).value_or(0);
    for (; next != books.reservations.end() && next->first < id; ++next) {
      findings->Difference(absl::StrCat("reservation ", ReservationName(next->first)),
                           "is in the log and not in stock's list");
    }
    if (next == books.reservations.end() || next->first != id) {
      findings->Difference(key, "is in stock's list and not in the log");
      continue;
    }
    const std::string expected = Describe(next->second, books);
    const std::string actual = Describe(live);
    if (expected != actual) {
      findings->Difference(key, absl::StrCat("at position ", books.position, " the log says ",
                                             expected, " | stock says ", actual));
    }
    *after = id;
    ++next;
  }
  if (!page.next_page_token().empty()) return;
  for (; next != books.reservations.end(); ++next) {
    findings->Difference(absl::StrCat("reservation ", ReservationName(next->first)),
                         "is in the log and not in stock's list");
  }
}

}  // namespace

absl::Status CompareStock(Context& context, Audit& audit, Findings* findings, Compared* compared) {
  const auto stub = context.Stub<stockv1::StockService>();
  const StockBooks& books = audit.stock().books();
  Snapshot snapshot;
  QM_RETURN_IF_ERROR(ReadSnapshot(context, *stub, &snapshot));
  QM_RETURN_IF_ERROR(audit.AdvanceStock(snapshot.position));
  CompareBalances(books, snapshot, findings, compared);

  stockv1::ListReservationsRequest request;
  request.set_page_size(kPageSize);
  int64_t after = 0;
  do {
    stockv1::ListReservationsResponse page;
    const grpc::Status status = context.Call(*stub, &Stub::ListReservations, request, &page);
    if (!status.ok()) return CallError("ListReservations", status);
    const std::optional<int64_t> position = ParseInteger(page.position());
    if (!position) return absl::InternalError("ListReservations gave no position for its cut");
    QM_RETURN_IF_ERROR(audit.AdvanceStock(*position));
    ComparePage(books, page, &after, findings);
    compared->reservations += page.reservations_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  audit.stock().CheckConservation();
  return absl::OkStatus();
}

}  // namespace quartermaster::qm
