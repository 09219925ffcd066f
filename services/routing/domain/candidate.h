// Candidate: a location that was looked at for a group of lines, and what became of it.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_CANDIDATE_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_CANDIDATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace quartermaster::routing {

enum class Fate : uint8_t {
  // Serves some of the group.
  kChosen,
  // Could have served at least one SKU's lines (pickup: the whole group), but others do it with
  // fewer parcels, or are nearer.
  kOutranked,
  // Has none of the wanted SKUs.
  kNoStock,
  // Has some, but not all that is needed at one place.
  kNotEnoughStock,
  // Lacks the capability.
  kNotCapable,
  kPaused,
  // Left out by the request.
  kExcluded,
};
inline constexpr size_t kFates = 7;

struct Candidate {
  std::string location_id;
  Fate fate = Fate::kNoStock;
  int64_t distance_m = 0;
  // Wanted lines that it could serve fully.
  int lines_covered = 0;
  // Units planned from here.
  int64_t units = 0;
};

// What was looked at for one group.
struct GroupExplanation {
  // The nearest ones, the nearest ones with stock, and all chosen ones; by (distance, id).
  std::vector<Candidate> candidates;
  // How many more there were, by fate.
  std::array<int, kFates> others{};
  int parcels = 0;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_CANDIDATE_H_
