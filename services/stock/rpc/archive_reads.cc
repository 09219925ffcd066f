#include "services/stock/rpc/archive_reads.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace quartermaster::stock {
namespace {

using runtime::RpcError;

// How many archived reservations a list looks at before it gives back what it has found, and how
// many lines it has: some tens of milliseconds, and some 10 MB.
constexpr int kListedScanMax = 20'000;
constexpr size_t kListedLinesMax = 100'000;

RpcError ArchiveError(const absl::Status& status) {
  return runtime::InternalDefect("the archive of reservations cannot be read", status);
}

std::optional<RpcError> FindEnded(const ReservationArchive& archive, Instant now,
                                  StockSubmission& call) {
  absl::StatusOr<std::optional<Reservation>> found = archive.Find(ReservationOf(call.command));
  if (!found.ok()) return ArchiveError(found.status());
  if (!*found) return std::nullopt;
  const bool told_before = call.result.rejection->kind == RejectionKind::kMessageToldBefore;
  if (told_before || std::holds_alternative<GetReservation>(call.command)) {
    call.result.rejection.reset();
    call.result.reservation = **std::move(found);
  } else if (const auto end = EndOf(**found, now)) {
    call.result.rejection = Rejection{*end};
  }
  return std::nullopt;
}

std::optional<RpcError> ListEnded(const ReservationArchive& archive, StockSubmission& call) {
  const auto& query = std::get<ListReservations>(call.command);
  Result& result = call.result;
  const auto limit = static_cast<size_t>(query.limit);
  std::vector<Reservation> archived;
  // Up to there this page has all that there is; kNone: to the end.
  ReservationId end = result.more_after;
  int looked_at = 0;
  size_t lines = 0;
  const absl::Status read = archive.Visit(query.after, [&](Reservation&& r) {
    if (end != ReservationId::kNone && end < r.id) return false;
    const ReservationId id = r.id;
    const bool wanted = (query.owner.empty() || r.owner == query.owner) &&
                        (!query.state || r.state == *query.state);
    if (wanted) {
      lines += r.lines.size();
      archived.push_back(std::move(r));
    }
    const bool more =
        archived.size() < limit && ++looked_at < kListedScanMax && lines < kListedLinesMax;
    if (!more) end = id;
    return more;
  });
  if (!read.ok()) return ArchiveError(read);
  std::vector<Reservation> both;
  // Of those that are in both, the first ones.
  std::set_union(std::make_move_iterator(result.list.begin()),
                 std::make_move_iterator(result.list.end()),
                 std::make_move_iterator(archived.begin()), std::make_move_iterator(archived.end()),
                 std::back_inserter(both),
                 [](const Reservation& a, const Reservation& b) { return a.id < b.id; });
  const auto behind = [&](const Reservation& r) {
    return end != ReservationId::kNone && end < r.id;
  };
  both.erase(std::find_if(both.begin(), both.end(), behind), both.end());
  if (both.size() > limit) {
    both.resize(limit);
    end = both.back().id;
  }
  result.list = std::move(both);
  result.more_after = end;
  return std::nullopt;
}

}  // namespace

std::optional<RpcError> ReadArchive(const StockEngine& engine, const ReservationArchive& archive,
                                    StockSubmission& call) {
  const Instant now = engine.Now();
  if (call.deadline < now) return runtime::FateError(engine::Fate::kDeadlinePassed);
  if (call.result.rejection) return FindEnded(archive, now, call);
  return ListEnded(archive, call);
}

}  // namespace quartermaster::stock
