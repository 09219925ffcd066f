// crash_driver: kills the processes of a server under load, again and again, and checks that what
// clients were told stays true. See README.md.
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/status_macros.h"
#include "tests/fault/checker.h"
#include "tests/fault/deployment.h"
#include "tests/fault/load_client.h"
#include "tools/retail/clock.h"
#include "tools/retail/draw.h"
#include "tools/retail/loader.h"
#include "tools/retail/shop.h"

namespace quartermaster::crash {
namespace {

using retail::Draw;
using retail::WallClock;

constexpr int kNotPassed = 1;
constexpr int kUsage = 2;
constexpr int kCouldNotRun = 3;
constexpr size_t kViolationsShown = 20;
constexpr size_t kEarlierRepeats = 20;
constexpr Micros kServesWithin = Seconds(60);
constexpr Micros kSettlesWithin = Seconds(45);
// The longest hold that nobody ends: an order's, whose placing was given up. And a margin.
constexpr Micros kHoldsEndWithin = Seconds(120 + 30);
constexpr Micros kVerifiesWithin = Seconds(600);

struct Options {
  std::string server;
  std::string qm;
  std::string shape = "one";
  int cycles = 25;
  uint64_t seed = 1;
  int clients = 8;
  bool keep = false;
};

// Four places that sell online and two that sell at tills only; few items, so that clients meet.
retail::World SmallWorld() {
  retail::World world;
  world.currency = "RON";
  const std::vector<std::pair<const char*, retail::Point>> places = {
      {"dc", {44.5, 25.8}},      {"store-1", {46.8, 23.6}}, {"store-2", {45.8, 21.2}},
      {"store-3", {47.2, 27.6}}, {"kiosk-1", {44.2, 28.6}}, {"kiosk-2", {45.7, 25.6}}};
  for (const auto& [id, point] : places) {
    retail::Place& place = world.places.emplace_back();
    place.id = place.title = id;
    place.point = point;
    place.time_zone = "Europe/Bucharest";
    place.warehouse = place.id == "dc";
    place.ship = !place.id.starts_with("kiosk");
    place.pickup = place.ship && !place.warehouse;
    place.takes_returns = true;
    place.till = !place.warehouse;
  }
  for (int i = 0; i < 12; ++i) {
    retail::Item& item = world.items.emplace_back();
    item.sku = item.title = absl::StrCat("sku-", i);
    item.base_unit = "each";
    item.handling_class = "standard";
  }
  return world;
}

int64_t InMs(Micros time) { return time.count / 1000; }

void Sleep(Micros time) { std::this_thread::sleep_for(std::chrono::microseconds(time.count)); }

class Campaign {
 public:
  Campaign(const Options& options, std::string directory)
      : options_(options),
        directory_(std::move(directory)),
        draw_(options.seed, 0xD21),
        world_(SmallWorld()),
        shop_(world_, plan_, absl::StrCat("load-", options.seed), options.seed),
        servers_(options.server, options.shape == "one" ? Shape::kOne : Shape::kMany, directory_) {
    for (int i = 0; i < options_.clients; ++i) {
      clients_.push_back(
          std::make_unique<LoadClient>(&world_, servers_.addresses(), i, options_.seed));
    }
    // Its journal comes last: it ends what the others began.
    closer_ = std::make_unique<LoadClient>(&world_, servers_.addresses(), options_.clients,
                                           options_.seed);
  }

  // True if there is no violation. Errors: it could not begin.
  absl::StatusOr<bool> Run() {
    QM_RETURN_IF_ERROR(Load());
    for (cycle_ = 1; cycle_ <= options_.cycles && violations_.empty(); ++cycle_) Cycle();
    if (violations_.empty()) CloseAndRepeatAll();
    if (violations_.empty()) Verify();
    PrintTable();
    return violations_.empty();
  }

 private:
  absl::Status Load();
  void Cycle();
  // Returns what was killed when, in words.
  std::string KillSome(Instant start);
  std::vector<size_t> Victims();
  void CheckCycle(const std::vector<size_t>& first);
  void AwaitServing();
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

  const Options& options_;
  const std::string directory_;
  Draw draw_;
  const retail::World world_;
  const retail::Plan plan_ = {};
  retail::Shop shop_;
  Deployment servers_;
  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::unique_ptr<LoadClient> closer_;

  int cycle_ = 0;
  std::vector<Violation> violations_;
  std::map<std::string, int64_t> kills_;
  int64_t early_kills_ = 0;
  int64_t lost_ = 0;
  int64_t repeated_ = 0;
  std::vector<Micros> outages_;
};

template <typename Work>
void Campaign::WithAll(Work work) {
  std::vector<std::vector<Violation>> found(clients_.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < clients_.size(); ++i) {
    threads.emplace_back([&, i] { found[i] = work(clients_[i].get(), i); });
  }
  for (std::thread& thread : threads) thread.join();
  for (auto& some : found) {
    for (Violation& one : some) violations_.push_back(std::move(one));
  }
}

std::vector<const Journal*> Campaign::Journals() const {
  std::vector<const Journal*> journals;
  for (const auto& client : clients_) journals.push_back(&client->journal());
  journals.push_back(&closer_->journal());
  return journals;
}

int64_t Campaign::Exchanges() const {
  int64_t sum = 0;
  for (const Journal* journal : Journals()) sum += static_cast<int64_t>(journal->size());
  return sum;
}

int64_t Campaign::Unanswered() const {
  int64_t sum = 0;
  for (const Journal* journal : Journals()) {
    for (const Exchange& exchange : *journal) sum += exchange.answer ? 0 : 1;
  }
  return sum;
}

absl::Status Campaign::Load() {
  servers_.StartAll();
  QM_RETURN_IF_ERROR(servers_.AwaitServing(kServesWithin));
  retail::Client* const client = closer_->client();
  QM_RETURN_IF_ERROR(retail::AwaitServer(client, kServesWithin));
  QM_RETURN_IF_ERROR(retail::LoadCatalog(shop_, client));
  QM_RETURN_IF_ERROR(retail::SetPools(shop_, client));
  for (const auto& one : clients_) one->ReceiveSupply();
  return Unanswered() == 0 ? absl::OkStatus()
                           : absl::UnavailableError("the first supply got no answer");
}

std::vector<size_t> Campaign::Victims() {
  const double how_many = draw_.Unit();
  std::vector<size_t> victims;
  const size_t first = draw_.Below(servers_.size());
  for (size_t i = 0; i < servers_.size(); ++i) {
    const bool all = how_many > 0.9;
    const bool among_several = how_many > 0.6 && draw_.Chance(0.5);
    if (i == first || all || among_several) victims.push_back(i);
  }
  return victims;
}

std::string Campaign::KillSome(Instant start) {
  std::string story;
  // Most often once; else again while they start, and perhaps once more.
  for (int round = 0; round < 4; ++round) {
    if (round > 0) {
      if (!draw_.Chance(0.4)) break;
      Sleep(Micros{static_cast<int64_t>(draw_.Below(150'000))});
      ++early_kills_;
    }
    const std::vector<size_t> victims = Victims();
    const Instant now = WallClock();
    ProcessProblems(servers_.Kill(victims));
    std::vector<std::string> names;
    for (const size_t node : victims) {
      servers_.Start(node);
      names.push_back(servers_.name(node));
      ++kills_[servers_.name(node)];
    }
    absl::StrAppend(&story, round == 0 ? "killed " : ", then ", absl::StrJoin(names, " and "),
                    " at ", InMs(now - start), " ms");
  }
  return story;
}

void Campaign::AwaitServing() {
  const absl::Status status = servers_.AwaitServing(kServesWithin);
  if (!status.ok()) Violate(ViolationKind::kProcess, std::string(status.message()));
  ProcessProblems(servers_.ReviveEnded());
}

void Campaign::Cycle() {
  std::vector<size_t> first;
  for (const auto& client : clients_) first.push_back(client->journal().size());
  const int64_t exchanges_before = Exchanges();
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  const Instant start = WallClock();
  for (const auto& client : clients_) {
    threads.emplace_back([&stop, client = client.get()] { client->Run(stop); });
  }
  Sleep(Micros{100'000 + static_cast<int64_t>(draw_.Below(600'000))});
  const std::string story = KillSome(start);
  const Instant restarted = WallClock();
  AwaitServing();
  outages_.push_back(WallClock() - restarted);
  Sleep(Micros{static_cast<int64_t>(draw_.Below(200'000))});
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const int64_t lost = Unanswered();
  lost_ += lost;
  CheckCycle(first);
  std::printf(
      "cycle %d: %s; serving %lld ms later; %lld operations, %lld answers lost; %zu "
      "violations\n",
      cycle_, story.c_str(), static_cast<long long>(InMs(outages_.back())),
      static_cast<long long>(Exchanges() - exchanges_before), static_cast<long long>(lost),
      violations_.size());
  std::fflush(stdout);
}

void Campaign::CheckCycle(const std::vector<size_t>& first) {
  WithAll([](LoadClient* client, size_t) {
    client->ResolveUnanswered();
    return std::vector<Violation>();
  });
  WithAll(
      [&first](LoadClient* client, size_t i) { return client->Repeat(first[i], kEarlierRepeats); });
  CheckUntilSettled(/*closed=*/false);
  ProcessProblems(servers_.ReviveEnded());
}

void Campaign::CheckUntilSettled(bool closed) {
  const Expected expected = Expect(Journals());
  const Instant until = WallClock() + kSettlesWithin;
  std::vector<Violation> found;
  while (true) {
    const auto observed = Observe(world_, expected, closer_->client());
    if (observed.ok()) {
      found = Check(world_, expected, *observed, closed);
    } else {
      found = {{ViolationKind::kProcess, std::string(observed.status().message())}};
    }
    if (found.empty() || WallClock() > until) break;
    Sleep(Micros{100'000});
  }
  for (Violation& one : found) violations_.push_back(std::move(one));
}

void Campaign::AwaitHoldsEnd() {
  const Instant until = WallClock() + kHoldsEndWithin;
  bool said = false;
  while (true) {
    const auto observed = Observe(world_, Expected(), closer_->client());
    if (observed.ok() && OpenReservations(*observed) == 0) return;
    if (WallClock() > until) break;
    if (observed.ok() && !said) {
      std::printf("waiting for %lld holds to expire\n",
                  static_cast<long long>(OpenReservations(*observed)));
      std::fflush(stdout);
      said = true;
    }
    Sleep(Micros{500'000});
  }
  Violate(ViolationKind::kStranded, "reservations are open although every deadline has passed");
}

void Campaign::CloseAndRepeatAll() {
  std::printf("closing: every order cancelled, every reservation released, all sent again\n");
  std::fflush(stdout);
  const auto observed = Observe(world_, Expected(), closer_->client());
  if (!observed.ok()) {
    return Violate(ViolationKind::kProcess, std::string(observed.status().message()));
  }
  closer_->Close(*observed);
  AwaitHoldsEnd();
  repeated_ = Exchanges();
  WithAll([](LoadClient* client, size_t) { return client->Repeat(0, 0); });
  for (Violation& one : closer_->Repeat(0, 0)) violations_.push_back(std::move(one));
  CheckUntilSettled(/*closed=*/true);
}

void Campaign::VerifyWith(const char* what, const std::vector<std::string>& arguments) {
  const std::string output = absl::StrCat(directory_, "/verify.log");
  std::vector<std::string> command = {options_.qm, "verify"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ChildProcess verify(std::move(command), output);
  verify.Start();
  const std::string ended = verify.Wait(kVerifiesWithin);
  if (ended == "exit code 0") return;
  Violate(ViolationKind::kVerify, absl::StrCat(what, ": ", ended, "; see ", output));
}

void Campaign::Verify() {
  VerifyWith("of the running server", {"--address", servers_.address_text()});
  ProcessProblems(servers_.ReviveEnded());
  ProcessProblems(servers_.Stop());
  VerifyWith("of the stopped server's log", {"--data-dir", servers_.log_directory(), "--settled"});
}

void Campaign::PrintTable() const {
  struct Sums {
    int64_t accepted = 0;
    int64_t refused = 0;
  };
  std::map<std::string, Sums> methods;
  for (const Journal* journal : Journals()) {
    for (const Exchange& exchange : *journal) {
      Sums& sums = methods[exchange.method->name];
      ++(exchange.accepted() ? sums.accepted : sums.refused);
    }
  }
  std::printf("\n%-22s %10s %10s\n", "", "accepted", "refused");
  for (const auto& [name, sums] : methods) {
    std::printf("%-22s %10lld %10lld\n", name.c_str(), static_cast<long long>(sums.accepted),
                static_cast<long long>(sums.refused));
  }
  std::vector<std::string> kills;
  for (const auto& [name, count] : kills_) kills.push_back(absl::StrCat(name, " ", count));
  std::vector<Micros> outages = outages_;
  std::sort(outages.begin(), outages.end());
  std::printf("\nkilled                 %s; %lld times during a start\n",
              absl::StrJoin(kills, ", ").c_str(), static_cast<long long>(early_kills_));
  if (!outages.empty()) {
    std::printf("serving again          %lld ms (median), %lld ms (worst)\n",
                static_cast<long long>(InMs(outages[outages.size() / 2])),
                static_cast<long long>(InMs(outages.back())));
  }
  std::printf("answers lost           %lld, whose requests were sent again after the cycle\n",
              static_cast<long long>(lost_));
  std::printf("sent again at the end  %lld, which is every request of the run\n",
              static_cast<long long>(repeated_));
  std::map<ViolationKind, int64_t> kinds;
  for (const Violation& one : violations_) ++kinds[one.kind];
  std::printf("violations             %zu\n", violations_.size());
  for (const auto& [kind, count] : kinds) {
    std::printf("  %-20s %lld\n", NameOf(kind), static_cast<long long>(count));
  }
  for (size_t i = 0; i < std::min(kViolationsShown, violations_.size()); ++i) {
    std::printf("%s: %s\n", NameOf(violations_[i].kind), violations_[i].what.c_str());
  }
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Kills a server's processes under load and checks that what it answered stays true.");
  app.add_option("--server", options.server, "quartermasterd")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--qm", options.qm, "qm, which verifies the log")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--shape", options.shape, "One process or many")
      ->check(CLI::IsMember({"one", "many"}))
      ->capture_default_str();
  app.add_option("--cycles", options.cycles, "How often something is killed")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of all that is drawn")->capture_default_str();
  app.add_option("--clients", options.clients, "Concurrent clients")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_flag("--keep", options.keep, "Keep the data and the servers' output even if all is well");
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
  std::printf("seed %llu, shape %s, %d cycles, %d clients, in %s\n",
              static_cast<unsigned long long>(options.seed), options.shape.c_str(), options.cycles,
              options.clients, directory.c_str());
  std::fflush(stdout);
  absl::StatusOr<bool> passed = Campaign(options, directory).Run();
  if (passed.ok() && *passed && !options.keep) {
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
