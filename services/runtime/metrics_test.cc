#include "services/runtime/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "quartermaster/log/v1/log.pb.h"
#include "services/engine/sequencer.h"
#include "services/runtime/rpc_metrics.h"
#include "services/runtime/sequencer_metrics.h"

namespace quartermaster::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const google::protobuf::MethodDescriptor& MethodOf(const char* name) {
  const auto* file = log::v1::GetStatusRequest::descriptor()->file();
  return *file->FindServiceByName("LogReader")->FindMethodByName(name);
}

std::string Get(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string response;
  char buffer[4'096];
  for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;) response.append(buffer, n);
  close(fd);
  return response;
}

TEST(CounterTest, AddsUpOverThreads) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1'000; ++j) counter.Add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  counter.Add(5);
  EXPECT_EQ(counter.Value(), 20'005u);
}

TEST(HistogramTest, BoundsBelongToTheirBucket) {
  // 8, 16, 32.
  Histogram histogram({.first = 8, .count = 3, .scale = 1});
  for (const uint64_t value : {0, 1, 8, 9, 16, 17, 32, 33, 1'000'000}) histogram.Observe(value);
  const Histogram::Reading reading = histogram.Read();
  EXPECT_EQ(reading.counts, (std::vector<uint64_t>{3, 2, 2, 2}));
  EXPECT_EQ(reading.sum, 1'000'116u);
}

TEST(MetricsTest, ScrapesWhatWasDeclared) {
  Metrics metrics;
  Counter* sold = metrics.AddCounter("quartermaster_test_sales_total", "Sales.", {{"by", "till"}});
  metrics.AddCounter("quartermaster_test_sales_total", "Sales.", {{"by", "web"}});
  Histogram* wait =
      metrics.AddHistogram("quartermaster_test_wait_seconds", "Waits.", Buckets::Latency());
  metrics.AddGauge("quartermaster_test_queue", "Waiting.", [] { return 7.0; });
  sold->Add(3);
  wait->Observe(1'000'000);
  const std::string text = metrics.Scrape();
  EXPECT_THAT(text, HasSubstr("# HELP quartermaster_test_sales_total Sales.\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE quartermaster_test_sales_total counter\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_test_sales_total{by=\"till\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_test_sales_total{by=\"web\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_test_wait_seconds_sum 0.001\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_test_wait_seconds_bucket{le=\"0.000524288\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_test_wait_seconds_bucket{le=\"0.001048576\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_test_wait_seconds_bucket{le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_test_queue 7\n"));
}

TEST(MetricsDeathTest, RefusesNamesThatBreakTheRules) {
  const auto counter = [](const char* name, MetricLabels labels = {}) {
    Metrics().AddCounter(name, "Help.", std::move(labels));
  };
  EXPECT_DEATH(counter("stock_sales_total"), "stock_sales_total");
  EXPECT_DEATH(counter("quartermaster_sales"), "quartermaster_sales");
  EXPECT_DEATH(counter("quartermaster_Sales_total"), "quartermaster_Sales_total");
  EXPECT_DEATH(counter("quartermaster_sales_total", {{"sku", "apple"}}), "no closed set");
  EXPECT_DEATH(Metrics().AddGauge("quartermaster_wait_ms", "Help.", [] { return 0.0; }),
               "base units");
  EXPECT_DEATH(Metrics().AddGauge("quartermaster_wait_seconds", "", [] { return 0.0; }), "help");
  Metrics twice;
  twice.AddCounter("quartermaster_sales_total", "Help.");
  EXPECT_DEATH(twice.AddCounter("quartermaster_sales_total", "Help."), "added twice");
}

double ValueOf(const Metrics& metrics, const std::string& name) {
  std::istringstream lines(metrics.Scrape());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return std::stod(line.substr(name.size()));
  }
  ADD_FAILURE() << name << " is not there";
  return 0;
}

TEST(StorageMetricsTest, SaysHowMuchRoomThereIs) {
  Metrics metrics;
  metrics.AddStorage("/");
  EXPECT_GT(ValueOf(metrics, "quartermaster_storage_size_bytes"), 1e6);
  EXPECT_LE(ValueOf(metrics, "quartermaster_storage_free_bytes"),
            ValueOf(metrics, "quartermaster_storage_size_bytes"));
}

TEST(StorageMetricsTest, WhatCannotBeReadIsNotAFullDisk) {
  Metrics metrics;
  metrics.AddStorage("/no/such/directory");
  EXPECT_TRUE(std::isnan(ValueOf(metrics, "quartermaster_storage_free_bytes")));
}

TEST(ReplayMetricsTest, ShowsHowFarAReplayHasCome) {
  Metrics metrics;
  const auto progress = AddReplayMetrics(&metrics, "stock/0");
  const std::string labels = "{partition=\"stock/0\"}";
  EXPECT_EQ(ValueOf(metrics, "quartermaster_replay_position" + labels), 0);
  EXPECT_EQ(ValueOf(metrics, "quartermaster_replay_head" + labels), 0);
  progress(40, 100);
  EXPECT_EQ(ValueOf(metrics, "quartermaster_replay_position" + labels), 40);
  EXPECT_EQ(ValueOf(metrics, "quartermaster_replay_head" + labels), 100);
}

TEST(RpcMetricsTest, CountsByMethodAndCode) {
  Metrics metrics;
  RpcMetrics rpcs(&metrics);
  RpcMethod* const read = rpcs.Method(MethodOf("Read"));
  RpcTimer ok(read);
  ok.Finish(absl::StatusCode::kOk);
  ok.Finish(absl::StatusCode::kInternal);
  RpcTimer odd(read);
  odd.Finish(1'000);
  { RpcTimer dropped(read); }
  RpcTimer in_flight(read);
  const std::string text = metrics.Scrape();
  const std::string labels = "{service=\"quartermaster.log.v1.LogReader\",method=\"Read\"";
  EXPECT_THAT(text, HasSubstr("quartermaster_rpc_started_total" + labels + "} 4\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_rpc_duration_seconds_count" + labels + "} 3\n"));
  const std::string finished = "quartermaster_rpc_requests_total" + labels;
  EXPECT_THAT(text, HasSubstr(finished + ",code=\"OK\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(finished + ",code=\"UNKNOWN\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(finished + ",code=\"CANCELLED\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(finished + ",code=\"INTERNAL\"} 0\n"));
}

TEST(RpcMetricsTest, OneHandleForEachMethodHoweverOftenItIsAskedFor) {
  Metrics metrics;
  RpcMetrics rpcs(&metrics);
  EXPECT_EQ(rpcs.Method(MethodOf("Read")), rpcs.Method(MethodOf("Read")));
  EXPECT_NE(rpcs.Method(MethodOf("Read")), rpcs.Method(MethodOf("GetStatus")));
}

TEST(RpcMetricsTest, StreamsAreCountedAndNotTimed) {
  Metrics metrics;
  RpcMetrics rpcs(&metrics);
  RpcTimer stream(rpcs.Method(MethodOf("Subscribe")));
  stream.Finish(absl::StatusCode::kUnavailable);
  const std::string text = metrics.Scrape();
  const std::string labels = "{service=\"quartermaster.log.v1.LogReader\",method=\"Subscribe\"";
  EXPECT_THAT(
      text, HasSubstr("quartermaster_rpc_requests_total" + labels + ",code=\"UNAVAILABLE\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("quartermaster_rpc_duration_seconds")));
}

TEST(RpcMetricsTest, ATimerWithoutAMethodDoesNothing) {
  RpcTimer timer(nullptr);
  timer.Finish(absl::StatusCode::kOk);
}

TEST(RpcMetricsTest, NoCallIsLostWhereManyThreadsCount) {
  Metrics metrics;
  RpcMetrics rpcs(&metrics);
  constexpr int kThreads = 4, kCalls = 10'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      RpcMethod* const read = rpcs.Method(MethodOf("Read"));
      for (int i = 0; i < kCalls; ++i) {
        RpcTimer timer(read);
        timer.Finish(absl::StatusCode::kOk);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = metrics.Scrape();
  const std::string labels = "{service=\"quartermaster.log.v1.LogReader\",method=\"Read\"";
  EXPECT_THAT(text, HasSubstr("quartermaster_rpc_started_total" + labels + "} 40000\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_rpc_duration_seconds_count" + labels + "} 40000\n"));
  EXPECT_THAT(text,
              HasSubstr("quartermaster_rpc_requests_total" + labels + ",code=\"OK\"} 40000\n"));
}

TEST(SequencerMetricsTest, ShowsEveryCounter) {
  Metrics metrics;
  engine::SequencerStats stats;
  stats.frames = 2;
  stats.commands = 40;
  stats.queue_depth = 3;
  stats.head = 77;
  AddSequencerMetrics(&metrics, "stock/0", [&] { return stats; });
  const std::string text = metrics.Scrape();
  EXPECT_THAT(text, HasSubstr("quartermaster_sequencer_frames_total{partition=\"stock/0\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr("quartermaster_sequencer_commands_total{partition=\"stock/0\"} 40\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_sequencer_queue_commands{partition=\"stock/0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("quartermaster_sequencer_head{partition=\"stock/0\"} 77\n"));
}

// What promtool's `check metrics` asks of a scrape, and our own prefix.
TEST(MetricsServerTest, ServesAWellNamedScrapeOnAFreePort) {
  Metrics metrics;
  metrics.AddProcess();
  RpcMetrics rpcs(&metrics);
  rpcs.Method(MethodOf("Read"));
  AddSequencerMetrics(&metrics, "stock/0", [] { return engine::SequencerStats(); });
  auto server = MetricsServer::Start(&metrics, "127.0.0.1:0");
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_GT((*server)->port(), 0);
  const std::string page = Get((*server)->port(), "/metrics");
  EXPECT_THAT(page, HasSubstr("200 OK"));

  const std::regex type_line(R"(# TYPE ([a-z0-9_]+) (counter|gauge|histogram|summary))");
  std::istringstream lines(page);
  int families = 0;
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    std::smatch match;
    if (!std::regex_match(line, match, type_line)) {
      EXPECT_THAT(line, Not(HasSubstr("# TYPE"))) << "a name that breaks the rules";
      continue;
    }
    ++families;
    const std::string name = match[1], type = match[2];
    EXPECT_TRUE(name.starts_with("quartermaster_") || name.starts_with("process_") ||
                name.starts_with("exposer_"))
        << name;
    if (!name.starts_with("exposer_")) {
      EXPECT_EQ(name.ends_with("_total"), type == "counter") << name;
    }
    EXPECT_THAT(page, HasSubstr("# HELP " + name + " "));
  }
  EXPECT_GE(families, 15);
  EXPECT_THAT(page, Not(HasSubstr("process_resident_memory_bytes 0\n")));
  EXPECT_THAT(page, Not(HasSubstr("process_start_time_seconds 0\n")));
}

TEST(MetricsServerTest, AUsedPortIsAnError) {
  Metrics metrics;
  auto server = MetricsServer::Start(&metrics, "127.0.0.1:0");
  ASSERT_TRUE(server.ok());
  const std::string address = "127.0.0.1:" + std::to_string((*server)->port());
  const auto second = MetricsServer::Start(&metrics, address);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(address));
}

}  // namespace
}  // namespace quartermaster::runtime
