// BatchCall: a unary request whose entries are rows and whose answer has a result per entry.
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_BATCH_CALL_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_BATCH_CALL_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/status.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "tools/qm/importer/import_kind.h"

namespace quartermaster::qm {

// The index in "items[17].gtins[0]"; -1 if there is none.
int EntryIndex(const std::string& field);

// `Traits` names Stub, Request and Response, and has Entries(request) (the repeated field),
// Send(stub, context, request, response, done) and Unchanged(result).
template <typename Traits>
class BatchCall : public ImportCall {
 public:
  using Request = typename Traits::Request;
  using Response = typename Traits::Response;

  BatchCall(typename Traits::Stub* stub, std::chrono::milliseconds timeout)
      : stub_(stub), timeout_(timeout) {}

  // Adds the entry of the row with this index.
  template <typename Entry>
  void Add(size_t row, Entry entry) {
    *Traits::Entries(request_).Add() = std::move(entry);
    rows_.push_back(row);
  }
  bool empty() const { return rows_.empty(); }
  Request& request() { return request_; }

  void Start(std::function<void(const grpc::Status&)> done) override {
    call_ = std::make_unique<grpc::ClientContext>();
    call_->set_deadline(std::chrono::system_clock::now() + timeout_);
    response_.Clear();
    Traits::Send(stub_, call_.get(), &request_, &response_, std::move(done));
  }

  void ReadAnswer(std::vector<RowOutcome>& outcomes) override {
    for (size_t i = 0; i < rows_.size(); ++i) {
      RowOutcome& outcome = outcomes[rows_[i]];
      if (static_cast<int>(i) >= response_.results_size()) {
        outcome.Reject("the server's answer has no result for it");
        continue;
      }
      const auto& result = response_.results(static_cast<int>(i));
      if (result.status().code() != 0) {
        outcome.Reject(OneLine(ReadError(result.status())));
      } else {
        outcome.state = Traits::Unchanged(result) ? RowOutcome::kUnchanged : RowOutcome::kApplied;
      }
    }
  }

  bool TakeOutInvalid(const ErrorReport& error, std::vector<RowOutcome>& outcomes) override {
    std::vector<bool> out(rows_.size());
    bool some = false;
    for (const auto& [field, what] : error.fields) {
      const int index = EntryIndex(field);
      if (index < 0 || static_cast<size_t>(index) >= rows_.size()) continue;
      const auto i = static_cast<size_t>(index);
      if (!out[i]) outcomes[rows_[i]].Reject(field.substr(field.find(']') + 1) + ": " + what);
      out[i] = some = true;
    }
    if (!some) return false;
    Request kept = request_;
    auto& entries = Traits::Entries(kept);
    entries.Clear();
    std::vector<size_t> rows;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (out[i]) continue;
      *entries.Add() = Traits::Entries(request_).Get(static_cast<int>(i));
      rows.push_back(rows_[i]);
    }
    request_ = std::move(kept);
    rows_ = std::move(rows);
    return !rows_.empty();
  }

 private:
  typename Traits::Stub* const stub_;
  const std::chrono::milliseconds timeout_;
  Request request_;
  Response response_;
  std::unique_ptr<grpc::ClientContext> call_;
  // The row of each entry.
  std::vector<size_t> rows_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_BATCH_CALL_H_
