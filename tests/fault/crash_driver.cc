// crash_driver: kills the processes of a server under load, again and again, or restarts them one
// after the other, and checks that what clients were told stays true. See README.md.
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "services/base/testing/seed.h"
#include "tests/fault/campaign.h"

namespace quartermaster::crash {
namespace {

constexpr int kNotPassed = 1;
constexpr int kUsage = 2;
constexpr int kCouldNotRun = 3;

int Main(int argc, char** argv) {
  CampaignOptions options;
  bool keep = false;
  CLI::App app(
      "Kills or restarts a server's processes under load and checks that what it answered stays "
      "true.");
  app.add_option("--server", options.server, "quartermasterd")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--qm", options.qm, "qm, which verifies the log")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--shape", options.shape, "One process or many")
      ->check(CLI::IsMember({"one", "many"}))
      ->capture_default_str();
  app.add_flag("--rolling", options.rolling,
               "Each cycle ends every process with SIGTERM and starts it again, one after the "
               "other, and no call may fail for good; without it, each kills some with SIGKILL");
  app.add_option("--cycles", options.cycles, "How often that is done")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  options.seed = TestSeed();
  app.add_option("--seed", options.seed, "Of all that is drawn, instead of that one");
  app.add_option("--clients", options.clients, "Concurrent clients")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_flag("--keep", keep, "Keep the data and the servers' output even if all is well");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  std::string directory = "/tmp/qm_crash.XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) {
    std::fprintf(stderr, "crash_driver: cannot make %s\n", directory.c_str());
    return kCouldNotRun;
  }
  std::printf("seed %llu, shape %s, %d cycles of %s, %d clients, in %s\n",
              static_cast<unsigned long long>(options.seed), options.shape.c_str(), options.cycles,
              options.rolling ? "rolling restarts" : "kills", options.clients, directory.c_str());
  std::fflush(stdout);
  absl::StatusOr<bool> passed = Campaign(options, directory).Run();
  if (passed.ok() && *passed && !keep) {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  } else {
    std::printf("kept for a look: %s\n", directory.c_str());
  }
  if (!passed.ok()) {
    std::fprintf(stderr, "crash_driver: %s\n", std::string(passed.status().message()).c_str());
    return kCouldNotRun;
  }
  std::printf("%s\n", *passed ? "passed" : "FAILED");
  return *passed ? 0 : kNotPassed;
}

}  // namespace
}  // namespace quartermaster::crash

int main(int argc, char** argv) { return quartermaster::crash::Main(argc, argv); }
