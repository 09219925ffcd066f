#include "tools/qm/importer/importer.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/base/status_macros.h"
#include "tools/qm/output/table.h"

namespace quartermaster::qm {
namespace {

constexpr size_t kRequestsInFlight = 16;
// Below the server's limit of 1 MiB, with room for the encoding. Constant for ever: which rows make
// a request, and so its id, must not depend on the version of qm.
constexpr size_t kRequestBytesMax = 256 << 10;
constexpr size_t kNoColumn = static_cast<size_t>(-1);

// The file's content: part of the request ids.
absl::StatusOr<std::string> HashFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  XXH3_64bits_reset(state.get());
  std::array<char, 64 << 10> buffer;
  while (file.read(buffer.data(), buffer.size()), file.gcount() > 0) {
    XXH3_64bits_update(state.get(), buffer.data(), static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) return absl::DataLossError(absl::StrCat("cannot read all of ", path));
  return absl::StrFormat("%016x", XXH3_64bits_digest(state.get()));
}

std::string RejectsPath(const ImportOptions& options) {
  if (!options.rejects_path.empty()) return options.rejects_path;
  return absl::StrCat(options.path, options.dry_run ? ".dry-run" : "", ".rejects");
}

size_t BytesOf(const ImportRow& row) {
  size_t bytes = 0;
  for (const std::string& field : row.fields) bytes += field.size() + 8;
  return bytes;
}

class Import {
 public:
  Import(ImportKind& kind, const ImportOptions& options, RowReader& reader, std::string hash,
         std::vector<size_t> columns)
      : kind_(kind),
        options_(options),
        reader_(reader),
        hash_(std::move(hash)),
        columns_(std::move(columns)),
        rejects_(RejectsPath(options), reader.format(), reader.header()),
        progress_(absl::StrCat("import ", std::string(kind.name()))),
        pipeline_(kRequestsInFlight, options.timeout) {
    summary_.header_lines = reader.header_lines();
    summary_.rejects_path = rejects_.path();
  }

  absl::StatusOr<ImportSummary> Run() {
    FileRow row;
    while (reader_.Next(&row)) Take(std::move(row));
    Send();
    while (auto batch = pipeline_.Pop(/*wait=*/true)) Finish(*batch);
    progress_.Finish();
    summary_.lines = reader_.lines();
    summary_.blank_lines = reader_.blank_lines();
    QM_RETURN_IF_ERROR(rejects_.Close());
    if (reader_.failed()) {
      return absl::DataLossError(
          absl::StrCat("cannot read ", options_.path, " behind line ", reader_.lines()));
    }
    return std::move(summary_);
  }

 private:
  void Take(FileRow from) {
    ++summary_.rows;
    summary_.row_lines += from.last_line - from.first_line + 1;
    if (summary_.stopped) {
      ++summary_.unanswered;
      return;
    }
    ImportRow row{.first_line = from.first_line, .last_line = from.last_line};
    RowOutcome outcome;
    if (!from.problem.empty()) {
      outcome.Reject(from.problem);
    } else if (from.fields.size() != reader_.header().size()) {
      outcome.Reject(absl::StrCat("has ", from.fields.size(), " fields, the header has ",
                                  reader_.header().size()));
    }
    row.fields.reserve(columns_.size());
    for (const size_t column : columns_) {
      row.fields.push_back(column < from.fields.size() ? from.fields[column] : "");
    }
    row.raw = std::move(from.fields);
    row.text = std::move(from.text);
    const size_t bytes = BytesOf(row);
    const bool joins = batch_ != nullptr && kind_.Joins(batch_->rows, row) &&
                       (batch_bytes_ + bytes <= kRequestBytesMax);
    if (!joins) Send();
    if (batch_ == nullptr) batch_ = std::make_unique<ImportBatch>();
    batch_->rows.push_back(std::move(row));
    batch_->outcomes.push_back(std::move(outcome));
    batch_bytes_ += bytes;
  }

  void Send() {
    if (batch_ == nullptr) return;
    std::unique_ptr<ImportBatch> batch = std::move(batch_);
    batch_bytes_ = 0;
    const std::string request_id =
        absl::StrCat("import/", std::string(kind_.name()), "/", hash_, "/",
                     batch->rows.front().first_line, "-", batch->rows.back().last_line);
    batch->call = kind_.Prepare(batch->rows, request_id, batch->outcomes);
    if (const std::optional<ErrorReport> lost = kind_.lost()) {
      batch->unanswered = lost;
      batch->call = nullptr;
    }
    if (options_.dry_run && !batch->unanswered) {
      for (RowOutcome& outcome : batch->outcomes) {
        if (outcome.state == RowOutcome::kPending) outcome.state = RowOutcome::kApplied;
      }
      batch->call = nullptr;
    }
    if (batch->call != nullptr) ++summary_.requests;
    while (pipeline_.full()) Finish(*pipeline_.Pop(/*wait=*/true));
    pipeline_.Push(std::move(batch));
    while (auto done = pipeline_.Pop(/*wait=*/false)) Finish(*done);
  }

  void Finish(const ImportBatch& batch) {
    if (batch.unanswered && !summary_.stopped) summary_.stopped = batch.unanswered;
    for (size_t i = 0; i < batch.rows.size(); ++i) {
      switch (batch.outcomes[i].state) {
        case RowOutcome::kApplied:
          ++summary_.applied;
          break;
        case RowOutcome::kUnchanged:
          ++summary_.unchanged;
          break;
        case RowOutcome::kRejected:
          ++summary_.rejected;
          rejects_.Add(batch.rows[i], batch.outcomes[i].reason);
          break;
        case RowOutcome::kPending:
          ++summary_.unanswered;
          break;
      }
    }
    progress_.Update(reader_.bytes_read(), reader_.bytes_all(),
                     absl::StrCat(WithSeparators(summary_.applied), " rows applied, ",
                                  WithSeparators(summary_.rejected), " rejected"));
  }

  ImportKind& kind_;
  const ImportOptions& options_;
  RowReader& reader_;
  const std::string hash_;
  // For each of the kind's columns, where it stands in the file.
  const std::vector<size_t> columns_;
  RejectFile rejects_;
  Progress progress_;
  ImportSummary summary_;
  std::unique_ptr<ImportBatch> batch_;
  size_t batch_bytes_ = 0;
  Pipeline pipeline_;
};

}  // namespace

absl::StatusOr<ImportSummary> RunImport(ImportKind& kind, const ImportOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  QM_ASSIGN_OR_RETURN(
      const std::unique_ptr<RowReader> reader,
      OpenRows(options.path, FormatOf(options.path, options.format), kind.columns()));
  const std::string rejects = RejectsPath(options);
  std::error_code error;
  if (std::filesystem::equivalent(options.path, rejects, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(rejects, " is the file that is imported: name another one for the rejects"));
  }
  QM_RETURN_IF_ERROR(CheckReplaceable(rejects));
  QM_ASSIGN_OR_RETURN(std::string hash, HashFile(options.path));
  std::vector<size_t> columns;
  const std::vector<std::string>& header = reader->header();
  for (const Column& column : kind.columns()) {
    const auto found = std::find(header.begin(), header.end(), column.name);
    columns.push_back(found == header.end() ? kNoColumn
                                            : static_cast<size_t>(found - header.begin()));
  }
  Import import(kind, options, *reader, std::move(hash), std::move(columns));
  QM_ASSIGN_OR_RETURN(ImportSummary summary, import.Run());
  summary.duration = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  return summary;
}

}  // namespace quartermaster::qm
