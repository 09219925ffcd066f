// A 128-bit fingerprint of a request's content: tells a retry from a reused id.
#ifndef QUARTERMASTER_SERVICES_BASE_FINGERPRINT_H_
#define QUARTERMASTER_SERVICES_BASE_FINGERPRINT_H_

#include <cstdint>
#include <utility>

namespace quartermaster {

struct Fingerprint {
  uint64_t high = 0;
  uint64_t low = 0;

  friend constexpr bool operator==(const Fingerprint&, const Fingerprint&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Fingerprint& f) {
    return H::combine(std::move(h), f.high, f.low);
  }
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_FINGERPRINT_H_
