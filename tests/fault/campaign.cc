#include "tests/fault/campaign.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/status_macros.h"
#include "tools/retail/clock.h"
#include "tools/retail/loader.h"

namespace quartermaster::crash {
namespace {

using retail::WallClock;

constexpr size_t kViolationsShown = 20;
constexpr size_t kEarlierRepeats = 20;
constexpr Micros kServesWithin = Seconds(60);
// After SIGTERM.
constexpr Micros kEndsWithin = Seconds(10);
// The share of calls that are repeated until they are answered: the other clients give up, and are
// asked again after the cycle.
constexpr double kPatienceWhileKilled = 0.6;
constexpr Micros kSettlesWithin = Seconds(45);
// The longest hold that nobody ends: an order's, whose placing was given up. And a margin.
constexpr Micros kHoldsEndWithin = Seconds(120 + 30);
constexpr Micros kVerifiesWithin = Seconds(600);

// Four places that sell online and two that sell at tills only; few items, so that clients meet.
retail::World SmallWorld(int clients) {
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
  const auto add_item = [&world](const std::string& sku) {
    retail::Item& item = world.items.emplace_back();
    item.sku = item.title = sku;
    item.base_unit = "each";
    item.handling_class = "standard";
  };
  for (int i = 0; i < 12; ++i) add_item(absl::StrCat("sku-", i));
  add_item(kPlenty);
  for (int i = 0; i < clients; ++i) add_item(absl::StrCat(kOwnPrefix, i));
  return world;
}

int64_t InMs(Micros time) { return time.count / 1000; }

void Sleep(Micros time) { std::this_thread::sleep_for(std::chrono::microseconds(time.count)); }

// "198 ms (median), 223 ms (worst)".
std::string MedianAndWorst(std::vector<Micros> times) {
  if (times.empty()) return "-";
  std::sort(times.begin(), times.end());
  return absl::StrCat(InMs(times[times.size() / 2]), " ms (median), ", InMs(times.back()),
                      " ms (worst)");
}

}  // namespace

Campaign::Campaign(const CampaignOptions& options, std::string directory)
    : options_(options),
      directory_(std::move(directory)),
      draw_(options.seed, 0xD21),
      world_(SmallWorld(options.clients)),
      shop_(world_, plan_, absl::StrCat("load-", options.seed), options.seed),
      servers_(options.server, options.shape == "one" ? tools::Shape::kOne : tools::Shape::kMany,
               directory_) {
  const double patience = options_.rolling ? 1 : kPatienceWhileKilled;
  const auto new_client = [&](int number) {
    return std::make_unique<LoadClient>(&world_, servers_.addresses(), number, options_.seed,
                                        patience);
  };
  for (int i = 0; i < options_.clients; ++i) clients_.push_back(new_client(i));
  // Its journal comes last: it ends what the others began.
  closer_ = new_client(options_.clients);
}

absl::StatusOr<bool> Campaign::Run() {
  QM_RETURN_IF_ERROR(Load());
  for (cycle_ = 1; cycle_ <= options_.cycles && violations_.empty(); ++cycle_) Cycle();
  if (violations_.empty()) CloseAndRepeatAll();
  if (violations_.empty()) Verify();
  PrintTable();
  return violations_.empty();
}

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

int64_t Campaign::GivenUp() const {
  int64_t sum = closer_->given_up();
  for (const auto& client : clients_) sum += client->given_up();
  return sum;
}

absl::Status Campaign::Load() {
  servers_.StartAll();
  QM_RETURN_IF_ERROR(servers_.AwaitServing(kServesWithin));
  retail::Client* const client = closer_->client();
  QM_RETURN_IF_ERROR(retail::AwaitServer(client, kServesWithin));
  QM_RETURN_IF_ERROR(retail::LoadCatalog(shop_, client));
  QM_RETURN_IF_ERROR(retail::SetPools(shop_, client));
  closer_->ReceivePlenty();
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
      ++ends_[servers_.name(node)];
    }
    absl::StrAppend(&story, round == 0 ? "killed " : ", then ", absl::StrJoin(names, " and "),
                    " at ", InMs(now - start), " ms");
  }
  return story;
}

std::string Campaign::RestartEach() {
  std::vector<size_t> left(servers_.size());
  std::iota(left.begin(), left.end(), 0);
  std::vector<std::string> story;
  while (!left.empty()) {
    const auto next = left.begin() + static_cast<ptrdiff_t>(draw_.Below(left.size()));
    const size_t node = *next;
    left.erase(next);
    const Instant asked = WallClock();
    const std::string how = servers_.Stop(node, kEndsWithin);
    drains_.push_back(WallClock() - asked);
    if (how != "exit code 0") {
      Violate(ViolationKind::kProcess, absl::StrCat(servers_.name(node), " after SIGTERM: ", how));
    }
    servers_.Start(node);
    outages_.push_back(AwaitServing());
    ++ends_[servers_.name(node)];
    story.push_back(absl::StrCat(servers_.name(node), " (ended in ", InMs(drains_.back()),
                                 " ms, all serve ", InMs(outages_.back()), " ms later)"));
    Sleep(Micros{static_cast<int64_t>(draw_.Below(300'000))});
  }
  return absl::StrCat("restarted ", absl::StrJoin(story, ", "));
}

Micros Campaign::AwaitServing() {
  const Instant start = WallClock();
  const absl::Status status = servers_.AwaitServing(kServesWithin);
  if (!status.ok()) Violate(ViolationKind::kProcess, std::string(status.message()));
  ProcessProblems(servers_.ReviveEnded());
  return WallClock() - start;
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
  std::string story;
  if (options_.rolling) {
    story = RestartEach();
  } else {
    story = KillSome(start);
    outages_.push_back(AwaitServing());
    absl::StrAppend(&story, "; serving ", InMs(outages_.back()), " ms later");
  }
  Sleep(Micros{static_cast<int64_t>(draw_.Below(200'000))});
  stop = true;
  for (std::thread& thread : threads) thread.join();
  if (const int64_t given_up = GivenUp(); given_up > 0) {
    Violate(ViolationKind::kUnanswered,
            absl::StrCat(given_up, " calls were repeated without an answer until their clients ",
                         "gave up"));
  }
  const int64_t lost = Unanswered();
  lost_ += lost;
  CheckCycle(first);
  std::printf("cycle %d: %s; %lld operations, %lld answers lost; %zu violations\n", cycle_,
              story.c_str(), static_cast<long long>(Exchanges() - exchanges_before),
              static_cast<long long>(lost), violations_.size());
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
  tools::ChildProcess verify(std::move(command), output);
  verify.Start();
  const std::string ended = verify.Wait(kVerifiesWithin);
  if (ended == "exit code 0") return;
  Violate(ViolationKind::kVerify, absl::StrCat(what, ": ", ended, "; see ", output));
}

void Campaign::Verify() {
  VerifyWith("of the running server", {"--address", servers_.address_text()});
  ProcessProblems(servers_.ReviveEnded());
  ProcessProblems(servers_.StopAll());
  VerifyWith("of the stopped server's log", {"--data-dir", servers_.log_directory(), "--settled"});
}

void Campaign::PrintTable() const {
  struct Sums {
    int64_t accepted = 0;
    int64_t refused = 0;
  };
  std::map<std::string, Sums> methods;
  Micros longest;
  for (const Journal* journal : Journals()) {
    for (const Exchange& exchange : *journal) {
      Sums& sums = methods[exchange.method->name];
      ++(exchange.accepted() ? sums.accepted : sums.refused);
      if (exchange.answer) longest = std::max(longest, exchange.answered - exchange.sent);
    }
  }
  std::printf("\n%-22s %10s %10s\n", "", "accepted", "refused");
  for (const auto& [name, sums] : methods) {
    std::printf("%-22s %10lld %10lld\n", name.c_str(), static_cast<long long>(sums.accepted),
                static_cast<long long>(sums.refused));
  }
  std::vector<std::string> ends;
  for (const auto& [name, count] : ends_) ends.push_back(absl::StrCat(name, " ", count));
  if (options_.rolling) {
    std::printf("\nrestarted              %s\n", absl::StrJoin(ends, ", ").c_str());
    std::printf("ended after SIGTERM    %s\n", MedianAndWorst(drains_).c_str());
  } else {
    std::printf("\nkilled                 %s; %lld times during a start\n",
                absl::StrJoin(ends, ", ").c_str(), static_cast<long long>(early_kills_));
  }
  std::printf("serving again          %s\n", MedianAndWorst(outages_).c_str());
  std::printf("longest until answered %lld ms\n", static_cast<long long>(InMs(longest)));
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

}  // namespace quartermaster::crash
