// What a restart takes: from a checkpoint of many positions and a tail of the log behind it, both
// read from a cold disk, against reading as many bytes and doing nothing with them. Needs root, to
// empty the page cache.
// Usage: stock_restart_benchmark [positions] [tail] [directory]
#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/testing/resident_memory.h"
#include "services/runtime/system_clock.h"
#include "services/stock/app/stock_engine.h"
#include "storage/durable_file.h"
#include "storage/rocksdb_log.h"

namespace quartermaster::stock {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kLocations = 100;
constexpr int64_t kFactsPerCommand = 500;
constexpr int kUnderWay = 64;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A stock on an embedded log, as one process has it.
class Store {
 public:
  explicit Store(const std::string& directory) {
    storage::RocksDbLogOptions log;
    log.directory = directory + "/log";
    // Only what is read is measured.
    log.sync = false;
    auto opened = storage::OpenRocksDbLog(log);
    QM_CHECK(opened.ok()) << opened.status().ToString();
    log_ = *std::move(opened);
    StockEngineOptions options;
    options.sequencer.partition = kPartition;
    options.store_directory = directory + "/stock";
    auto engine = StockEngine::Open(std::move(options), log_.get(), &clock_);
    QM_CHECK(engine.ok()) << engine.status().ToString();
    engine_ = *std::move(engine);
    const absl::Status acquired = engine_->Acquire();
    QM_CHECK(acquired.ok()) << acquired.ToString();
  }

  StockEngine& engine() { return *engine_; }
  storage::EventLog& log() { return *log_; }

  // One unit more at positions `from` to `to`, or at as many drawn at random.
  void Receive(int64_t from, int64_t to, int64_t positions, bool at_random) {
    std::mt19937_64 random(1);
    for (int64_t first = from; first < to; first += kFactsPerCommand) {
      auto* const command = new CallbackSubmission(
          [this](CallbackSubmission& done, engine::Fate fate, storage::Position) {
            QM_CHECK(fate == engine::Fate::kDecided);
            for (const AdjustmentResult& result : done.result.adjustments) {
              QM_CHECK(!result.rejection);
            }
            --under_way_;
          });
      for (int64_t i = first; i < std::min(to, first + kFactsPerCommand); ++i) {
        const int64_t position =
            at_random ? static_cast<int64_t>(random() % static_cast<uint64_t>(positions)) : i;
        Adjustment fact;
        fact.sku = absl::StrCat("sku-", position / kLocations);
        fact.location = absl::StrCat("location-", position % kLocations);
        fact.delta = Quantity(1);
        command->facts.push_back({std::move(fact), {}});
      }
      while (under_way_ >= kUnderWay) std::this_thread::yield();
      ++under_way_;
      QM_CHECK(engine_->Submit(command) == engine::Sequencer::Admission::kAccepted);
    }
    while (under_way_ > 0) std::this_thread::yield();
  }

  static inline const storage::PartitionId kPartition{"default", "stock/0"};

 private:
  runtime::SystemClock clock_;
  std::unique_ptr<storage::EventLog> log_;
  std::unique_ptr<StockEngine> engine_;
  std::atomic<int> under_way_{0};
};

void EmptyPageCache() {
  ::sync();
  std::FILE* const file = std::fopen("/proc/sys/vm/drop_caches", "w");
  const bool emptied = file != nullptr && std::fputs("3", file) >= 0 && std::fclose(file) == 0;
  if (!emptied) std::printf("the page cache could not be emptied: figures of a warm one\n");
}

double SecondsToRead(const std::string& path) {
  const Clock::time_point start = Clock::now();
  const int fd = ::open(path.c_str(), O_RDONLY);
  QM_CHECK(fd >= 0) << path;
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  std::string buffer(1 << 20, '\0');
  while (::read(fd, buffer.data(), buffer.size()) > 0) {
  }
  ::close(fd);
  return SecondsSince(start);
}

// The log's frames behind `after`, in one file.
void CopyTail(storage::EventLog& log, storage::Position after, storage::Position head,
              const std::string& path) {
  auto file = storage::DurableWriter::Create(path);
  QM_CHECK(file.ok());
  while (after < head) {
    const auto frames = log.Read(Store::kPartition, after + 1, 4 << 20);
    QM_CHECK(frames.ok());
    for (const std::string& frame : *frames) {
      QM_CHECK((*file)->Append(frame).ok());
      after = storage::FrameView::Parse(frame)->last_position();
    }
  }
  QM_CHECK((*file)->Finish().ok());
}

// A log of so many positions, a checkpoint of them, and the records behind it.
void Prepare(const std::string& directory, int64_t positions, int64_t tail) {
  Store store(directory);
  store.engine().Start();
  Clock::time_point start = Clock::now();
  store.Receive(0, positions, positions, /*at_random=*/false);
  std::printf("%lld positions in %.1f s\n", static_cast<long long>(positions), SecondsSince(start));
  start = Clock::now();
  const auto made = store.engine().MakeCheckpoint();
  QM_CHECK(made.ok()) << made.status().ToString();
  std::printf("first checkpoint, by a replay of all of it: %.1f s\n", SecondsSince(start));
  start = Clock::now();
  store.Receive(0, tail, positions, /*at_random=*/true);
  std::printf("%lld records behind it in %.1f s\n", static_cast<long long>(tail),
              SecondsSince(start));
  store.engine().Stop();
  CopyTail(store.log(), made->position, store.engine().sequencer().head(), directory + "/tail");
}

void Measure(const std::string& directory, int64_t positions) {
  const std::string checkpoint = directory + "/stock/checkpoint";
  const std::string copy = directory + "/tail";
  const double megabytes = static_cast<double>(std::filesystem::file_size(checkpoint)) / (1 << 20);
  const double tail_megabytes = static_cast<double>(std::filesystem::file_size(copy)) / (1 << 20);
  EmptyPageCache();
  const double raw = SecondsToRead(checkpoint) + SecondsToRead(copy);
  EmptyPageCache();
  const double before = ResidentMegabytes();
  const Clock::time_point start = Clock::now();
  const Store store(directory);
  const double ready = SecondsSince(start);
  const double used = ResidentMegabytes() - before;
  std::printf("checkpoint %.0f MB (%.1f bytes a position), tail %.0f MB\n", megabytes,
              megabytes * (1 << 20) / static_cast<double>(positions), tail_megabytes);
  std::printf("ready after %.2f s; raw read of as many bytes %.2f s: ratio %.1f\n", ready, raw,
              ready / raw);
  std::printf("memory %.0f MB: %.0f bytes a position, view included\n", used,
              used * (1 << 20) / static_cast<double>(positions));
}

int Run(int64_t positions, int64_t tail, const std::string& parent) {
  std::string directory = parent + "/stock_restart_benchmark_XXXXXX";
  QM_CHECK(mkdtemp(directory.data()) != nullptr) << directory;
  // A process of its own: what it leaves in memory is not measured.
  std::fflush(stdout);
  const pid_t preparing = ::fork();
  QM_CHECK(preparing >= 0);
  if (preparing == 0) {
    Prepare(directory, positions, tail);
    std::fflush(stdout);
    std::_Exit(0);
  }
  int status = 0;
  const bool prepared = ::waitpid(preparing, &status, 0) == preparing && status == 0;
  if (prepared) Measure(directory, positions);
  std::filesystem::remove_all(directory);
  return prepared ? 0 : 1;
}

}  // namespace
}  // namespace quartermaster::stock

int main(int argc, char** argv) {
  const int64_t positions = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
  const int64_t tail = argc > 2 ? std::atoll(argv[2]) : 1'000'000;
  return quartermaster::stock::Run(
      positions, tail, argc > 3 ? argv[3] : std::filesystem::temp_directory_path().string());
}
