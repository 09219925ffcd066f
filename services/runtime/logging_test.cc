#include "services/runtime/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace quartermaster::runtime {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

TEST(LoggerTest, HumanLines) {
  std::vector<std::string> lines;
  {
    Logger logger({}, [&](const std::string& line) { lines.push_back(line); });
    logger.Info("listening", {{"address", "127.0.0.1:7400"}, {"port", 7400}, {"tls", false}});
    logger.Warning("odd", {{"text", "two words\n"}, {"empty", ""}, {"ratio", 0.5}});
    logger.Debug("not at this level");
  }
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], MatchesRegex("20..-..-..T..:..:..\\.......Z I listening "
                                     "address=127.0.0.1:7400 port=7400 tls=false"));
  EXPECT_THAT(lines[1], EndsWith(R"( W odd text="two words\n" empty="" ratio=0.5)"));
}

TEST(LoggerTest, JsonLinesParse) {
  std::vector<std::string> lines;
  {
    Logger logger({.format = LogFormat::kJson, .level = LogLevel::kDebug},
                  [&](const std::string& line) { lines.push_back(line); });
    logger.Debug("a \"quote\", {} and \xFF", {{"position", int64_t{1} << 60}, {"text", "\x01"}});
  }
  ASSERT_THAT(lines, SizeIs(1));
  const auto line = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(line["level"], "debug");
  EXPECT_EQ(line["message"], "a \"quote\", {} and \xEF\xBF\xBD");
  EXPECT_EQ(line["position"], int64_t{1} << 60);
  EXPECT_EQ(line["text"], "\x01");
  EXPECT_EQ(line["time"].get<std::string>().size(), 27u);
}

TEST(LoggerTest, AnErrorIsWrittenBeforeTheCallReturns) {
  std::vector<std::string> lines;
  Logger logger({}, [&](const std::string& line) { lines.push_back(line); });
  logger.Error("the log failed", {{"error", "no space"}});
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], EndsWith("E the log failed error=\"no space\""));
}

TEST(LoggerTest, AFullQueueDropsAndCounts) {
  std::mutex held;
  size_t written = 0;
  uint64_t dropped = 0;
  {
    Logger logger({.queue_lines_max = 16}, [&](const std::string&) {
      const std::lock_guard<std::mutex> wait(held);
      ++written;
    });
    {
      const std::lock_guard<std::mutex> hold(held);
      for (int i = 0; i < 1'000; ++i) logger.Info("line", {{"i", i}});
    }
    dropped = logger.dropped();
  }
  EXPECT_GT(dropped, 900u);
  EXPECT_EQ(written + dropped, 1'000u);
}

}  // namespace
}  // namespace quartermaster::runtime
