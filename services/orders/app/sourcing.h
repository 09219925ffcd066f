// Sourcing: finds units for an order and holds them: plan, hold, and if stock has moved since the
// plan, plan again with the figures that the rejection gave.
//
//   sourcing.Run({.request = plan_request, .owner_id = "o-7k2/1", .give_up = deadline},
//                [](PeerResult<Sourced> result) { ... });
//
// All or nothing, but for lines that may be left out: first everything is tried; then a partial
// plan, if only such lines are short in it; then the other lines alone. Stock that moves between
// plan and hold again and again is an error that can be retried, never a refusal. The units of a
// hold that the same owner has left over (from before a crash) count as available, and the new hold
// takes its place. So do those of the hold that it takes over, wherever stock has moved them since.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_SOURCING_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_SOURCING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/peers.h"

namespace quartermaster::orders {

// How long a hold lasts until its order must have been placed and confirmed.
inline constexpr Micros kHoldTtl = Seconds(120);

struct SourcingJob {
  // Its line ids are set and unique over all groups. `allow_partial` is Sourcing's own. Its credits
  // are the units of the hold that is taken over.
  PlanRequest request;
  // Locations not to be planned from, for the shipping groups only.
  std::vector<std::string> excluded_for_shipping;
  // Lines that may be left out or shortened.
  absl::flat_hash_set<std::string> droppable;
  // To find nothing at all, if all lines may be left out, is a success.
  bool may_find_nothing = false;
  // Leave out whatever cannot be served from the start; to find nothing at all is a success, and so
  // is a peer's refusal (Sourced::refusal).
  bool best_effort = false;
  std::string owner_id;
  std::string takes_over_reservation_id;
  // Whose units they are for quotas and caps; may be empty.
  std::string channel_id;
  std::string customer_ref;
  // Until when peers that do not answer are asked again.
  Instant give_up;
};

struct Sourced {
  // In the order of the request's lines, then by location; each (line, location) once. Stock's line
  // ids are the indexes, in decimal. Empty only with best_effort or may_find_nothing.
  std::vector<RoutePlan::Assignment> assignments;
  std::string reservation_id;
  Instant expires_at;
  // The lines that got less than they asked.
  std::vector<PeerShortLine> dropped;
  // The plan as routing serialised it.
  std::string decision;
  // Only with best_effort, and without assignments: the peer that refused, other than for a
  // shortage.
  std::optional<PeerError> refusal;
};

// True if other locations, or less, could do where this failed.
bool IsShortage(const PeerError& error);

// Used by the loop's tasks only.
class Sourcing {
 public:
  using Done = absl::AnyInvocable<void(PeerResult<Sourced>)>;

  // The peers must outlive it; the loop must have stopped before it is destroyed. `seed` makes
  // request ids and jitter: never the same twice towards one stock service.
  Sourcing(StockPeer* stock, RoutingPeer* routing, std::shared_ptr<EventLoop> loop, uint64_t seed)
      : stock_(stock), routing_(routing), loop_(std::move(loop)), random_(seed) {}

  // Runs `done` once, by a task of the loop.
  void Run(SourcingJob job, Done done);
  // Gives a hold back that came to nothing. Tried a few times; otherwise it expires.
  void GiveBack(const std::string& reservation_id);

 private:
  // How much may be left out.
  enum class Level { kEverything, kPartial, kWithoutDroppable };
  struct Run_;
  using RunPtr = std::shared_ptr<Run_>;

  void Plan(const RunPtr& run);
  void PlanPart(const RunPtr& run, size_t part);
  void OnPlan(const RunPtr& run, size_t part, PeerResult<RoutePlan> result);
  void OnWholePlan(const RunPtr& run);
  void OnNoPlan(const RunPtr& run, PeerError error);
  // Ends with a final error, which with best_effort means that nothing was found.
  void Refuse(const RunPtr& run, PeerError error);
  // Ends well, with nothing.
  static void FindNothing(const RunPtr& run);
  // The lines that get less than they asked.
  static std::vector<PeerShortLine> ShortLinesOf(
      const Run_& run, const std::vector<RoutePlan::Assignment>& assignments);
  // Where the units of the hold that is taken over stand now; then a plan with them.
  void ReadTakenOver(const RunPtr& run, PeerError error);
  void FindOwnHold(const RunPtr& run, PeerError error);
  void Hold(const RunPtr& run);
  void SendHold(const RunPtr& run);
  void OnHold(const RunPtr& run, PeerResult<StockReservation> result);
  static void NameLines(const RunPtr& run, PeerError& error);
  void Believe(const RunPtr& run, const std::vector<PeerShortLine>& short_lines);
  void Retry(const RunPtr& run, PeerError error, absl::AnyInvocable<void()> again);
  void Release(const std::string& reservation_id, const std::string& request_id, int retry);
  std::string NewRequestId();
  // Turns a peer's callback into a task of the loop.
  template <typename T>
  PeerCallback<T> OnLoop(absl::AnyInvocable<void(PeerResult<T>)> then);

  StockPeer* const stock_;
  RoutingPeer* const routing_;
  const std::shared_ptr<EventLoop> loop_;
  std::mt19937_64 random_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_SOURCING_H_
