#include "services/quartermasterd/stock_part.h"

#include <utility>
#include <vector>

#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/runtime/metrics.h"
#include "services/runtime/sequencer_metrics.h"

namespace quartermaster {
namespace {

constexpr char kStockPartition[] = "stock/0";

// `view` must outlive `metrics`.
void AddCountingMetrics(runtime::Metrics* metrics, const stock::StockView* view) {
  const auto gauge = [](const char* name, const char* help) {
    return runtime::MetricSpec{runtime::MetricKind::kGauge, name, help, {}};
  };
  metrics->AddGroup(
      {
          {runtime::MetricKind::kCounter,
           "quartermaster_stock_source_gaps_total",
           "Gaps in the sequences of sources, ever.",
           {}},
          gauge("quartermaster_stock_suspect_sources", "Sources that miss messages."),
          gauge("quartermaster_stock_recounts", "Positions that a count is asked for."),
          gauge("quartermaster_stock_differences",
                "Positions whose last count was not what the books had."),
          gauge("quartermaster_stock_counts_staging", "Counts that wait for parts."),
          gauge("quartermaster_stock_counts_switching", "Counts that are being switched."),
      },
      [view] {
        return view->With([](const stock::StockSnapshot& s) {
          std::vector<double> values;
          const stock::CountingView& c = s.counting;
          for (const int64_t value : {c.gaps_opened, c.suspect_sources, c.recounts, c.differences,
                                      c.staging, c.switching}) {
            values.push_back(static_cast<double>(value));
          }
          return values;
        });
      });
}

// Says `what` of a checkpoint, or `what_not` and why.
decltype(stock::StockEngineOptions::on_checkpoint_made) LogCheckpoint(runtime::Logger* log,
                                                                      const char* what,
                                                                      const char* what_not) {
  return [=](const absl::StatusOr<engine::CheckpointHead>& checkpoint) {
    if (checkpoint.ok()) {
      log->Info(what, {{"partition", kStockPartition}, {"position", checkpoint->position}});
    } else {
      log->Warning(what_not,
                   {{"partition", kStockPartition}, {"status", checkpoint.status().ToString()}});
    }
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<StockPart>> StockPart::Open(const Process& process,
                                                           storage::EventLog* events,
                                                           CatalogPart* catalog) {
  std::unique_ptr<StockPart> part(new StockPart(catalog));
  stock::StockEngineOptions options;
  options.sequencer = SequencerOptionsFor(process, kStockPartition);
  options.store_directory = process.options.data_dir + "/stock";
  options.on_progress = ReplayProgress(process, kStockPartition);
  options.checkpoint_interval = process.options.checkpoint_interval;
  options.on_checkpoint_found =
      LogCheckpoint(process.log, "going on from a checkpoint",
                    "the checkpoint is of no use: the whole log has to be read");
  options.on_checkpoint_made =
      LogCheckpoint(process.log, "checkpoint made", "no checkpoint could be made");
  if (!process.Serves("catalog")) {
    options.learn_names = [catalog](absl::AnyInvocable<void(bool)> done) {
      return catalog->CatchUp(std::move(done));
    };
  }
  auto opened = stock::StockEngine::Open(std::move(options), events, process.clock);
  if (!opened.ok()) return Within("stock", opened.status());
  part->engine_ = std::move(*opened);
  part->registrar_ = std::make_unique<StockRegistrar>(part->engine_.get());
  part->rpc_ = std::make_unique<stock::StockRpc>(part->engine_.get());
  runtime::AddSequencerMetrics(process.metrics, kStockPartition, [engine = part->engine_.get()] {
    return engine->sequencer().Stats();
  });
  AddCountingMetrics(process.metrics, &part->engine_->view());
  process.metrics->AddGroup({{runtime::MetricKind::kGauge,
                              "quartermaster_checkpoint_position",
                              "The position of the last checkpoint; 0: there is none.",
                              {{"partition", kStockPartition}}}},
                            [engine = part->engine_.get()] {
                              return std::vector<double>{static_cast<double>(engine->checkpoint())};
                            });
  return part;
}

absl::Status StockPart::Acquire() {
  const absl::Status acquired = engine_->Acquire();
  return acquired.ok() ? acquired : Within("stock", acquired);
}

void StockPart::AddTo(Offer* offer) {
  offer->services.push_back(runtime::Hosted<stock::v1::StockService>(rpc_->service()));
  offer->end_streams.push_back([this] { rpc_->EndStreams(); });
}

void StockPart::Start() {
  engine_->Start();
  catalog_->view().AddListener(registrar_.get());
}

}  // namespace quartermaster
