#include "tools/qm/importer/importer.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

using ::testing::HasSubstr;

// A server that remembers what it was asked. Rows "bad" are invalid to it, the request that holds
// "lost" never gets an answer, and each request fails once before it is answered.
struct FakeServer {
  // Request id -> rows, of those that were answered.
  std::map<std::string, std::vector<std::string>> applied;
  std::map<std::string, int> attempts;
};

class FakeCall : public ImportCall {
 public:
  FakeCall(FakeServer* server, std::string id) : server_(server), id_(std::move(id)) {}
  void Add(size_t row, std::string value) { rows_.emplace_back(row, std::move(value)); }
  bool empty() const { return rows_.empty(); }

  void Start(std::function<void(const grpc::Status&)> done) override {
    const bool first = server_->attempts[id_]++ == 0;
    std::vector<std::string> values;
    for (const auto& [row, value] : rows_) {
      if (value == "lost" || first) return done({grpc::StatusCode::UNAVAILABLE, "not there"});
      if (value == "refused") return done({grpc::StatusCode::FAILED_PRECONDITION, "no"});
      values.push_back(value);
    }
    server_->applied[id_] = values;
    done(grpc::Status::OK);
  }
  void ReadAnswer(std::vector<RowOutcome>& outcomes) override {
    for (const auto& [row, value] : rows_) outcomes[row].state = RowOutcome::kApplied;
  }
  bool TakeOutInvalid(const ErrorReport&, std::vector<RowOutcome>&) override { return false; }

 private:
  FakeServer* const server_;
  const std::string id_;
  std::vector<std::pair<size_t, std::string>> rows_;
};

class FakeKind : public ImportKind {
 public:
  explicit FakeKind(FakeServer* server) : server_(server) {}
  std::string_view name() const override { return "fake"; }
  const std::vector<Column>& columns() const override { return columns_; }
  bool Joins(const std::vector<ImportRow>& rows, const ImportRow&) const override {
    return rows.size() < 2;
  }
  std::unique_ptr<ImportCall> Prepare(const std::vector<ImportRow>& rows,
                                      const std::string& request_id,
                                      std::vector<RowOutcome>& outcomes) override {
    auto call = std::make_unique<FakeCall>(server_, request_id);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (outcomes[i].state != RowOutcome::kPending) continue;
      if (rows[i].fields[0] == "unchecked") {
        lost_ = ErrorReport{.message = "cannot check"};
        return nullptr;
      }
      if (rows[i].fields[0] == "bad") {
        outcomes[i].Reject("value: is bad");
      } else {
        call->Add(i, rows[i].fields[0]);
      }
    }
    if (call->empty()) return nullptr;
    return call;
  }
  std::optional<ErrorReport> lost() const override { return lost_; }

 private:
  FakeServer* const server_;
  std::optional<ErrorReport> lost_;
  const std::vector<Column> columns_ = {{"value", true}, {"note"}};
};

class ImporterTest : public ::testing::Test {
 protected:
  ImporterTest() {
    options_.path = ::testing::TempDir() + "importer_test." +
                    ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv";
    options_.timeout = std::chrono::milliseconds(200);
  }
  ~ImporterTest() override {
    std::remove(options_.path.c_str());
    std::remove(Rejects().c_str());
    std::remove((options_.path + ".dry-run.rejects").c_str());
  }

  std::string Rejects() const { return options_.path + ".rejects"; }
  std::string ReadRejects() const {
    std::ifstream file(Rejects());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  ImportSummary Run(const std::string& content) {
    std::ofstream(options_.path, std::ios::binary) << content;
    FakeKind kind(&server_);
    auto summary = RunImport(kind, options_);
    EXPECT_TRUE(summary.ok()) << summary.status();
    EXPECT_TRUE(summary->AddsUp());
    return *summary;
  }

  ImportOptions options_;
  FakeServer server_;
};

TEST_F(ImporterTest, RetriesCountsAndRejects) {
  const ImportSummary summary =
      Run("other,value\n0,a\n0,bad\n\n0,b\n0,c\n0\n0,\"d,\"\"\"\n0,refused\n");
  EXPECT_EQ(summary.rows, 7);
  EXPECT_EQ(summary.applied, 4);
  EXPECT_EQ(summary.rejected, 3);
  EXPECT_EQ(summary.lines, 9);
  EXPECT_EQ(summary.blank_lines, 1);
  EXPECT_EQ(ReadRejects(),
            "line,reason,other,value\n"
            "3,value: is bad,0,bad\n"
            "7,\"has 1 fields, the header has 2\",0\n"
            "9,FAILED_PRECONDITION: no,0,refused\n");
}

TEST_F(ImporterTest, NdjsonIsRejectedAsItCame) {
  options_.format = "ndjson";
  const ImportSummary summary =
      Run("{\"value\":\"a\",\"other\":[1]}\n{\"other\":[2],\"value\":\"bad\"}\n\n{\"value\":\n"
          "{\"value\":\"b\"}\n");
  EXPECT_EQ(summary.rows, 4);
  EXPECT_EQ(summary.applied, 2);
  EXPECT_EQ(summary.rejected, 2);
  EXPECT_EQ(summary.lines, 5);
  EXPECT_EQ(summary.header_lines, 0);
  EXPECT_EQ(summary.blank_lines, 1);
  const std::string rejects = ReadRejects();
  EXPECT_THAT(rejects, HasSubstr("{\"line\":2,\"reason\":\"value: is bad\",\"other\":[2],"
                                 "\"value\":\"bad\"}\n"));
  EXPECT_THAT(rejects, HasSubstr("{\"line\":4,\"reason\":\"is not JSON at byte "));
  EXPECT_THAT(rejects, HasSubstr("\"text\":\"{\\\"value\\\":\"}\n"));
}

TEST_F(ImporterTest, WhatIsCorrectedInTheRejectFileIsImportedFromThere) {
  options_.format = "ndjson";
  EXPECT_EQ(Run("{\"value\":\"a\"}\n{\"value\":\"bad\"}\n").rejected, 1);
  std::string corrected = ReadRejects();
  corrected.replace(corrected.find("\"bad\""), 5, "\"good\"");
  const ImportSummary again = Run(corrected);
  EXPECT_EQ(again.applied, 1);
  EXPECT_EQ(again.rejected, 0);
  options_.format = "csv";
  EXPECT_EQ(Run("value\na\nbad\n").rejected, 1);
  corrected = ReadRejects();
  corrected.replace(corrected.rfind("bad"), 3, "fit");
  EXPECT_EQ(Run(corrected).applied, 1);
}

TEST_F(ImporterTest, TheSameFileGivesTheSameRequests) {
  const std::string content = "value\na\nb\nc\n";
  Run(content);
  const auto first = server_.applied;
  EXPECT_EQ(first.size(), 2u);
  Run(content);
  EXPECT_EQ(server_.applied, first);
  // Another file has other requests, even where its lines are the same.
  Run(content + "d\n");
  EXPECT_EQ(server_.applied.size(), 4u);
}

TEST_F(ImporterTest, StopsWhenTheServerIsLost) {
  const ImportSummary summary = Run("value\na\nb\nlost\nc\n");
  ASSERT_TRUE(summary.stopped);
  EXPECT_EQ(summary.stopped->exit_code, kUnreachable);
  EXPECT_EQ(summary.applied, 2);
  EXPECT_EQ(summary.unanswered, 2);
}

TEST_F(ImporterTest, StopsWhenRowsCannotBeChecked) {
  const ImportSummary summary = Run("value\na\nb\nunchecked\nc\n");
  ASSERT_TRUE(summary.stopped);
  EXPECT_EQ(summary.stopped->message, "cannot check");
  EXPECT_EQ(summary.applied, 2);
  EXPECT_EQ(summary.unanswered, 2);
  options_.dry_run = true;
  EXPECT_EQ(Run("value\na\nb\nunchecked\nc\n").unanswered, 2);
}

TEST_F(ImporterTest, ADryRunSendsNothing) {
  options_.dry_run = true;
  const ImportSummary summary = Run("value\na\nbad\n");
  EXPECT_EQ(summary.applied, 1);
  EXPECT_EQ(summary.rejected, 1);
  EXPECT_TRUE(server_.attempts.empty());
}

TEST_F(ImporterTest, AnOldRejectFileIsReplacedByNewRejectsOnly) {
  std::ofstream(Rejects()) << "old";
  EXPECT_EQ(Run("value\na\n").rejected, 0);
  EXPECT_EQ(ReadRejects(), "old");
  EXPECT_EQ(Run("value\na\nbad\n").rejected, 1);
  EXPECT_EQ(ReadRejects(), "line,reason,value\n3,value: is bad,bad\n");
}

TEST_F(ImporterTest, ADryRunLeavesTheRejectFileAlone) {
  std::ofstream(Rejects()) << "old";
  options_.dry_run = true;
  const ImportSummary summary = Run("value\na\nbad\n");
  EXPECT_EQ(ReadRejects(), "old");
  EXPECT_EQ(summary.rejects_path, options_.path + ".dry-run.rejects");
  EXPECT_TRUE(std::ifstream(summary.rejects_path).good());
}

TEST_F(ImporterTest, TheImportedFileIsNotTakenForTheRejects) {
  const std::string content = "value\na\nbad\n";
  std::ofstream(options_.path) << content;
  options_.rejects_path = options_.path;
  for (const bool dry_run : {false, true}) {
    options_.dry_run = dry_run;
    FakeKind kind(&server_);
    EXPECT_TRUE(absl::IsAlreadyExists(RunImport(kind, options_).status()));
    std::ifstream file(options_.path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), content);
  }
  // Nor is a device.
  options_.rejects_path = "/dev/null";
  FakeKind kind(&server_);
  EXPECT_TRUE(absl::IsAlreadyExists(RunImport(kind, options_).status()));
  EXPECT_TRUE(server_.attempts.empty());
}

TEST_F(ImporterTest, NamesAMissingColumn) {
  std::ofstream(options_.path) << "note\nx\n";
  FakeKind kind(&server_);
  const auto summary = RunImport(kind, options_);
  EXPECT_THAT(std::string(summary.status().message()), HasSubstr("no column 'value'"));
}

}  // namespace
}  // namespace quartermaster::qm
