// retail: replays a retailer's day against a running server and checks what came of it. A client
// like any other; tools/demo runs it.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "tools/retail/checker.h"
#include "tools/retail/clock.h"
#include "tools/retail/csv.h"
#include "tools/retail/invoices.h"
#include "tools/retail/loader.h"
#include "tools/retail/network.h"
#include "tools/retail/provider.h"
#include "tools/retail/replay.h"
#include "tools/retail/report.h"
#include "tools/retail/small_data.h"

namespace quartermaster::retail {
namespace {

constexpr int kNotPassed = 1;
constexpr int kCouldNotRun = 3;
constexpr int64_t kSmallOrders = 4000;

struct Options {
  // Of the server, or of its services one by one.
  tools::AddressBook addresses;
  std::string small_data = "tools/data";
  std::string data;
  std::string control;
  std::string verify;
  std::string rejects;
  std::string json;
  uint64_t seed = 1;
  int64_t orders = 0;
  int clients = 32;
};

struct Input {
  World world;
  Plan plan;
};

absl::StatusOr<Input> ReadInput(const Options& options) {
  Input input;
  if (options.data.empty()) {
    QM_ASSIGN_OR_RETURN(input.world, ReadSmallWorld(options.small_data));
    const Network network(input.world);
    input.plan = DrawPlan(input.world, network, options.seed,
                          options.orders > 0 ? options.orders : kSmallOrders);
    return input;
  }
  QM_ASSIGN_OR_RETURN(input.world, ReadStoresAndCities(options.data, &input.plan));
  QM_RETURN_IF_ERROR(
      ReadInvoices(options.data, options.seed, options.orders, &input.world, &input.plan));
  return input;
}

absl::Status WriteFile(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  return file ? absl::OkStatus() : absl::UnknownError(absl::StrCat("cannot write ", path));
}

absl::Status WriteRejects(const Options& options, const Plan& plan) {
  if (options.rejects.empty()) return absl::OkStatus();
  std::string content = "file,line,reason,content\n";
  for (const Reject& reject : plan.rejects) {
    content += absl::StrCat(reject.file, ",", reject.line, ",", CsvField(reject.reason), ",",
                            CsvField(reject.content), "\n");
  }
  return WriteFile(options.rejects, content);
}

void PrintInput(const Options& options, const Input& input) {
  const InputCounts& counts = input.plan.input;
  std::printf(
      "Input, seed %llu: %zu places, %zu items, %zu cities, %zu orders of %lld lines, "
      "%zu returns of %lld lines\n",
      static_cast<unsigned long long>(options.seed), input.world.places.size(),
      input.world.items.size(), input.world.cities.size(), input.plan.orders.size(),
      static_cast<long long>(counts.order_lines), input.plan.returns.size(),
      static_cast<long long>(counts.return_lines));
  if (!options.data.empty()) {
    std::printf(
        "  %lld invoice lines read, %lld rejected; %lld store rows, %lld city rows; %zu "
        "rejects in %s\n",
        static_cast<long long>(counts.lines), static_cast<long long>(counts.rejected_lines),
        static_cast<long long>(counts.store_rows), static_cast<long long>(counts.city_rows),
        input.plan.rejects.size(), options.rejects.empty() ? "no file" : options.rejects.c_str());
  }
  std::fflush(stdout);
}

// Shows progress on one line of a terminal, or as a line per tenth.
class Progress {
 public:
  explicit Progress(int64_t total) : total_(total), terminal_(isatty(STDERR_FILENO) != 0) {}

  void Show(int64_t done) {
    const int64_t percent = total_ == 0 ? 100 : done * 100 / total_;
    if (terminal_) {
      std::fprintf(stderr, "\r  %3lld %%  %lld of %lld", static_cast<long long>(percent),
                   static_cast<long long>(done), static_cast<long long>(total_));
      if (done == total_) std::fprintf(stderr, "\n");
    } else if (percent / 10 > shown_) {
      shown_ = percent / 10;
      std::fprintf(stderr, "  %lld %%\n", static_cast<long long>(shown_ * 10));
    }
  }

 private:
  const int64_t total_;
  const bool terminal_;
  int64_t shown_ = 0;
};

absl::Status Load(const Options& options, Shop* shop) {
  Client client(options.addresses, &shop->calls, options.seed);
  QM_RETURN_IF_ERROR(AwaitServer(&client, Seconds(60)));
  QM_RETURN_IF_ERROR(RequireEmpty(&client));
  QM_RETURN_IF_ERROR(LoadCatalog(*shop, &client));
  QM_RETURN_IF_ERROR(SetPools(*shop, &client));
  const Network network(shop->world());
  const std::vector<Supply> supplies =
      PlanSupply(shop->world(), network, shop->plan(), options.seed);
  const Instant start = WallClock();
  QM_RETURN_IF_ERROR(ReceiveStock(shop, options.addresses, supplies, 8));
  std::printf("Loaded the network; received %zu deliveries of stock in %.1f s\n", supplies.size(),
              static_cast<double>((WallClock() - start).count) / 1e6);
  std::fflush(stdout);
  return absl::OkStatus();
}

std::function<void()> CrashBy(const std::string& control) {
  if (control.empty()) return nullptr;
  return [control] {
    std::fprintf(stderr, "\n  half of it: killing the server with SIGKILL\n");
    std::ofstream(control) << "crash\n" << std::flush;
  };
}

// The exit code of a command; its output goes to ours.
int RunCommand(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

absl::StatusOr<bool> Run(const Options& options) {
  QM_ASSIGN_OR_RETURN(const Input input, ReadInput(options));
  QM_RETURN_IF_ERROR(WriteRejects(options, input.plan));
  PrintInput(options, input);
  // Ids of this run: a server that has seen another run's must not take ours for repetitions.
  const std::string run_id = absl::StrCat(absl::Hex(WallClock().unix_us / 1000), ".", getpid());
  Shop shop(input.world, input.plan, run_id, options.seed);
  QM_RETURN_IF_ERROR(Load(options, &shop));

  Progress progress(static_cast<int64_t>(input.plan.steps.size()));
  ReplayOptions replay;
  replay.addresses = options.addresses;
  replay.clients = options.clients;
  replay.crash = CrashBy(options.control);
  replay.progress = [&](int64_t done) { progress.Show(done); };
  Report report;
  report.shop = &shop;
  report.clients = options.clients;
  report.replay = Replay(&shop, replay);
  progress.Show(shop.tally.steps);
  Client provider_client(options.addresses, &shop.calls, options.seed);
  Provider(&shop, &provider_client).DoIntents("");
  std::printf("Checking every order, hold, return and number of stock\n");
  std::fflush(stdout);
  report.verdict = Check(&shop, options.addresses, 8);
  if (!options.verify.empty()) report.verify_exit = RunCommand(options.verify);
  std::printf("%s\n%s\n", Table(report).c_str(),
              Passed(report) ? "Every zero is zero." : "NOT as it must be.");
  if (!options.json.empty()) QM_RETURN_IF_ERROR(WriteFile(options.json, Json(report)));
  return Passed(report);
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Replays a retailer's day against a running server and checks what came of it.");
  std::string server;
  app.add_option("--server", server,
                 "unix:PATH or HOST:PORT, or with commas SERVICE=ADDRESS of each service")
      ->required();
  app.add_option("--small-data", options.small_data, "Directory of the small data set");
  app.add_option("--data", options.data, "Directory of us_stores.csv, us_cities.csv and invoices");
  app.add_option("--control", options.control,
                 "Pipe that 'crash' is written to when the server is to be killed and restarted");
  app.add_option("--verify", options.verify, "Command that verifies the log");
  app.add_option("--rejects", options.rejects, "File for input rows that make nothing");
  app.add_option("--json", options.json, "File for the figures");
  app.add_option("--seed", options.seed, "Of all that is drawn")->check(CLI::NonNegativeNumber);
  app.add_option("--orders", options.orders, "How many orders; 0: 4,000, or all of --data")
      ->check(CLI::Range(int64_t{0}, int64_t{10'000'000}));
  app.add_option("--clients", options.clients, "Concurrent clients")->check(CLI::Range(1, 512));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  absl::StatusOr<tools::AddressBook> addresses = tools::AddressBook::Parse(server);
  if (!addresses.ok()) {
    std::fprintf(stderr, "retail: --server: %s\n",
                 std::string(addresses.status().message()).c_str());
    return 2;
  }
  options.addresses = *std::move(addresses);
  const absl::StatusOr<bool> passed = Run(options);
  if (!passed.ok()) {
    std::fprintf(stderr, "retail: %s\n", std::string(passed.status().message()).c_str());
    return kCouldNotRun;
  }
  return *passed ? 0 : kNotPassed;
}

}  // namespace
}  // namespace quartermaster::retail

int main(int argc, char** argv) { return quartermaster::retail::Main(argc, argv); }
