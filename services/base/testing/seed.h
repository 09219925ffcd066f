// The seeds of random tests. Usually they are the same ones, so that a run of the tests says
// something about the change at hand; QM_SEED=random takes some that nobody has thought of, and
// QM_SEED=n repeats a run. They are printed in each case.
#ifndef QUARTERMASTER_SERVICES_BASE_TESTING_SEED_H_
#define QUARTERMASTER_SERVICES_BASE_TESTING_SEED_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string_view>

namespace quartermaster {

// The seed that QM_SEED names, if it names one. For tests that run many instances, each with a seed
// of its own: of these it names one.
inline std::optional<uint64_t> ChosenSeed() {
  const char* const text = std::getenv("QM_SEED");
  if (text == nullptr || std::string_view(text) == "random") return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

inline uint64_t TestSeed() {
  uint64_t seed = 1;
  if (const auto chosen = ChosenSeed()) {
    seed = *chosen;
  } else if (std::getenv("QM_SEED") != nullptr) {
    seed = std::random_device{}();
  }
  std::printf("seed %llu (QM_SEED repeats it)\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_TESTING_SEED_H_
