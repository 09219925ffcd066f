// Campaign: cycles of load in which the processes of a server are killed, or restarted in good
// order, each followed by the check that what clients were told stays true. See README.md.
//
//   absl::StatusOr<bool> passed = Campaign(options, "/tmp/qm_crash.x").Run();
#ifndef QUARTERMASTER_TESTS_FAULT_CAMPAIGN_H_
#define QUARTERMASTER_TESTS_FAULT_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/time.h"
#include "tests/fault/checker.h"
#include "tests/fault/deployment.h"
#include "tests/fault/load_client.h"
#include "tools/retail/draw.h"
#include "tools/retail/shop.h"
#include "tools/retail/world.h"

namespace quartermaster::crash {

struct CampaignOptions {
  std::string server;
  std::string qm;
  std::string shape = "one";
  // Instead of killing some processes, end each with SIGTERM and start it again, one after the
  // other. Every call is then repeated until it is answered, and none may fail for good.
  bool rolling = false;
  int cycles = 50;
  uint64_t seed = 1;
  int clients = 8;
};

// Prints how it goes. Not thread-safe.
class Campaign {
 public:
  // `options` must outlive it. `directory` is there and its path is short.
  Campaign(const CampaignOptions& options, std::string directory);

  // True if there is no violation. Errors: it could not begin.
  absl::StatusOr<bool> Run();

 private:
  absl::Status Load();
  void Cycle();
  // Each returns what it did to whom, in words.
  std::string KillSome(Instant start);
  std::string RestartEach();
  std::vector<size_t> Victims();
  void CheckCycle(const std::vector<size_t>& first);
  // Returns how long it took.
  Micros AwaitServing();
  // Until nothing is wrong, for as long as it may take to settle. The last look counts.
  void CheckUntilSettled(bool closed);
  void CloseAndRepeatAll();
  void AwaitHoldsEnd();
  void Verify();
  void VerifyWith(const char* what, const std::vector<std::string>& arguments);
  void PrintTable() const;

  void Violate(ViolationKind kind, std::string what) {
    violations_.push_back({kind, std::move(what)});
  }
  void ProcessProblems(std::vector<std::string> what) {
    for (std::string& one : what) Violate(ViolationKind::kProcess, std::move(one));
  }
  // Runs `work` with each client at once, and takes over the violations that it returns.
  template <typename Work>
  void WithAll(Work work);
  std::vector<const Journal*> Journals() const;
  int64_t Exchanges() const;
  int64_t Unanswered() const;
  int64_t GivenUp() const;

  const CampaignOptions& options_;
  const std::string directory_;
  retail::Draw draw_;
  const retail::World world_;
  const retail::Plan plan_ = {};
  retail::Shop shop_;
  Deployment servers_;
  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::unique_ptr<LoadClient> closer_;

  int cycle_ = 0;
  std::vector<Violation> violations_;
  // Of processes that were killed or restarted, by name.
  std::map<std::string, int64_t> ends_;
  int64_t early_kills_ = 0;
  int64_t lost_ = 0;
  int64_t repeated_ = 0;
  // From the start of a process until all serve.
  std::vector<Micros> outages_;
  // From SIGTERM to the end.
  std::vector<Micros> drains_;
};

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_CAMPAIGN_H_
