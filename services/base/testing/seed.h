// The seed of a random test: QM_SEED, so that a run can be repeated, or one nobody has thought of.
// It is printed in either case.
#ifndef QUARTERMASTER_SERVICES_BASE_TESTING_SEED_H_
#define QUARTERMASTER_SERVICES_BASE_TESTING_SEED_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>

namespace quartermaster {

// QM_SEED, if it is set. For tests that run many instances, each with a seed of its own: of these
// it names one.
inline std::optional<uint64_t> ChosenSeed() {
  const char* const text = std::getenv("QM_SEED");
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

inline uint64_t TestSeed() {
  const std::optional<uint64_t> chosen = ChosenSeed();
  const uint64_t seed = chosen ? *chosen : std::random_device{}();
  std::printf("seed %llu (QM_SEED repeats it)\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_TESTING_SEED_H_
