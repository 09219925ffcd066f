#include "services/engine/sequencer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/base/time_slice.h"
#include "services/engine/request_outcome.h"

namespace quartermaster::engine {
namespace {

using storage::Position;

// How long an idle writer sleeps before it looks whether something is due.
constexpr Micros kIdleInterval = Milliseconds(20);
// How many bytes of the log are replayed at once.
constexpr size_t kReplayBytes = 4 << 20;
// How long Stop goes on sending an append whose outcome is unknown. A drain has waited for it
// before, and SIGTERM has ten seconds in all.
constexpr Micros kStopGrace = Milliseconds(900);
// How many commands ahead of the one being decided memory is asked for: a miss costs about as much
// as a few decisions.
constexpr size_t kPrefetchedAhead = 6;
// How many cache lines of a submission: its own and those of a command of the usual size.
constexpr int kPrefetchedLines = 6;
// So many frames in a row may be full before work that takes many frames goes on: in the next one
// it does so before the commands.
constexpr int kFullFramesMax = 3;

}  // namespace

absl::StatusOr<std::unique_ptr<Sequencer>> Sequencer::Open(SequencerOptions options,
                                                           storage::EventLog* log, Machine* machine,
                                                           const Clock* clock,
                                                           Progress on_progress) {
  std::unique_ptr<Sequencer> sequencer(
      new Sequencer(std::move(options), log, machine, clock, std::move(on_progress)));
  QM_ASSIGN_OR_RETURN(const Position head, sequencer->FindHead());
  if (sequencer->options_.checkpoint != nullptr) {
    QM_RETURN_IF_ERROR(sequencer->Load(*sequencer->options_.checkpoint));
  }
  QM_RETURN_IF_ERROR(sequencer->ReplayTo(head));
  return sequencer;
}

Sequencer::Sequencer(SequencerOptions options, storage::EventLog* log, Machine* machine,
                     const Clock* clock, Progress on_progress)
    : options_(std::move(options)),
      log_(log),
      machine_(machine),
      clock_(clock),
      on_progress_(std::move(on_progress)),
      // A frame's requests come on top until it is durable.
      window_(options_.window_requests_max, static_cast<size_t>(options_.frame_commands_max)) {}

Sequencer::~Sequencer() { Stop(); }

absl::Status Sequencer::Acquire() {
  QM_CHECK(epoch_ == 0) << "acquired twice";
  QM_ASSIGN_OR_RETURN(const storage::Lease lease, log_->Acquire(options_.partition));
  epoch_ = lease.epoch;
  if (lease.head < replayed_) {
    return absl::DataLossError(
        absl::StrCat("the log's head is ", lease.head, ", but it was at ", replayed_, " before"));
  }
  QM_RETURN_IF_ERROR(ReplayTo(lease.head));
  head_.store(lease.head, std::memory_order_release);
  machine_->Publish(lease.head, last_time_);
  serving_.store(true, std::memory_order_release);
  return absl::OkStatus();
}

absl::StatusOr<Position> Sequencer::FindHead() {
  // GetStatus would not wait for a shared log that restarts.
  QM_ASSIGN_OR_RETURN(const std::vector<storage::PartitionStatus> all, log_->ListPartitions());
  const auto own = std::find_if(all.begin(), all.end(), [this](const auto& status) {
    return status.id == options_.partition;
  });
  return own == all.end() ? 0 : own->head;
}

absl::Status Sequencer::Load(Checkpoint& checkpoint) {
  Loader& load = checkpoint.loader();
  load(window_);
  machine_->Load(load);
  if (!checkpoint.loaded()) {
    return absl::DataLossError("the checkpoint does not fit the state that it is of");
  }
  replayed_ = checkpoint.head().position;
  last_time_ = checkpoint.head().time;
  return absl::OkStatus();
}

absl::StatusOr<CheckpointHead> Sequencer::WriteCheckpoint(const std::string& path, uint64_t schema,
                                                          const CheckpointGate& gate) {
  QM_CHECK(epoch_ == 0 && options_.archive == nullptr) << "an owner's state is not written";
  QM_ASSIGN_OR_RETURN(const FrameEnd end, FindFrameEnd(log_, options_.partition, replayed_));
  const CheckpointHead head{.schema = schema,
                            .tenant = options_.partition.tenant,
                            .partition = options_.partition.name,
                            .position = replayed_,
                            .time = last_time_,
                            .frame_checksum = end.checksum,
                            .given = machine_->EndReplay(),
                            .outcomes_given = window_.forgotten()};
  if (gate) QM_RETURN_IF_ERROR(gate(head));
  QM_ASSIGN_OR_RETURN(const std::unique_ptr<storage::CheckedFileWriter> file,
                      storage::CheckedFileWriter::Create(path));
  absl::Status written;
  Saver save([&](std::string_view piece) {
    if (written.ok() && options_.given_up && options_.given_up()) {
      written = absl::CancelledError("given up");
    }
    if (written.ok()) written = file->Append(piece);
  });
  save(head, window_);
  machine_->Save(save);
  save.Finish();
  QM_RETURN_IF_ERROR(written);
  QM_RETURN_IF_ERROR(file->Finish());
  return head;
}

absl::Status Sequencer::ReplayTo(Position head) {
  while (replayed_ < head) {
    if (options_.given_up && options_.given_up()) return absl::CancelledError("given up");
    const Position next = replayed_ + 1;
    QM_ASSIGN_OR_RETURN(const std::vector<std::string> frames,
                        log_->Read(options_.partition, next, kReplayBytes));
    if (frames.empty()) return absl::DataLossError("the log ends before its head");
    for (const std::string& bytes : frames) {
      QM_ASSIGN_OR_RETURN(const storage::FrameView frame, storage::FrameView::Parse(bytes));
      if (frame.first_position() != replayed_ + 1) {
        return absl::DataLossError(absl::StrCat("records from ", replayed_ + 1, " to ",
                                                frame.first_position() - 1, " are missing"));
      }
      for (const storage::Record& record : frame) {
        QM_RETURN_IF_ERROR(ReplayRecord(record, frame.time()));
      }
      last_time_ = frame.time();
      replayed_ = frame.last_position();
      // After each frame, as when it was written.
      TrimWindow(Archived());
    }
    if (on_progress_) on_progress_(replayed_, std::max(replayed_, head));
  }
  return absl::OkStatus();
}

absl::Status Sequencer::ReplayRecord(const storage::Record& record, Instant time) {
  if (record.type != kRequestOutcomeType) return machine_->Replay(record, time);
  RequestOutcome outcome;
  if (!ParseRequestOutcome(record.payload, outcome)) {
    return absl::DataLossError(
        absl::StrCat("record ", record.position, " is not a request outcome"));
  }
  window_.Insert(RequestKey(outcome.request_id), outcome.fingerprint, outcome.outcome,
                 record.position);
  return absl::OkStatus();
}

Position Sequencer::Archived() const {
  return options_.archive == nullptr ? storage::kPositionMax : options_.archive->archived();
}

void Sequencer::TrimWindow(Position forgettable) {
  while (auto excess = window_.NextExcess()) {
    if (options_.archive != nullptr) options_.archive->Add(std::move(excess), last_time_);
  }
  window_.Forget(forgettable);
}

bool Sequencer::LookUp(absl::Span<Submission* const> submissions) const {
  std::vector<std::string_view> ids;
  ids.reserve(submissions.size());
  const Position archived = options_.archive->archived();
  for (Submission* const submission : submissions) {
    submission->archived_.reset();
    submission->looked_up_to_ = archived;
    ids.push_back(submission->request_id);
  }
  auto found = options_.archive->Find(ids);
  if (!found.ok()) {
    if (options_.on_archive_error) options_.on_archive_error(found.status());
    return false;
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    std::optional<ArchivedOutcome>& of = (*found)[i];
    if (!of || ids[i].empty()) continue;
    submissions[i]->archived_ = std::make_shared<const ArchivedOutcome>(*std::move(of));
  }
  return true;
}

void Sequencer::Start() {
  QM_CHECK(!thread_.joinable()) << "started twice";
  QM_CHECK(epoch_ != 0) << "not acquired";
  thread_ = std::thread([this] { Run(); });
}

void Sequencer::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    arrived_.NotifyAll();
  }
  if (thread_.joinable()) {
    thread_.join();
  } else {
    while (serving() && IsWaiting()) Step();
  }
  serving_.store(false, std::memory_order_release);
  RefuseQueued();
}

Sequencer::Admission Sequencer::Submit(Submission* submission) {
  submission->request_ = RequestKey(submission->request_id);
  if (HasArchived() && !submission->request_id.empty()) {
    const Admission admission = Admits(*submission);
    if (admission != Admission::kAccepted) return admission;
    if (!LookUp({submission})) return Admission::kNotServing;
  }
  MutexLock lock(&mutex_);
  const Admission admission = EnqueueLocked(*submission);
  if (admission == Admission::kAccepted && writer_waiting_) arrived_.NotifyOne();
  return admission;
}

void Sequencer::SubmitAll(absl::Span<Submission* const> submissions) {
  if (submissions.empty()) return;
  for (Submission* const submission : submissions) {
    submission->request_ = RequestKey(submission->request_id);
  }
  Admission first = Admission::kAccepted;
  if (HasArchived()) {
    // As of one: what is refused costs nothing.
    first = Admits(*submissions.front());
    if (first == Admission::kAccepted && !LookUp(submissions)) first = Admission::kNotServing;
  }
  std::vector<std::pair<Submission*, Fate>> refused;
  {
    MutexLock lock(&mutex_);
    for (Submission* const submission : submissions) {
      const Admission admission =
          first == Admission::kAccepted ? EnqueueLocked(*submission) : first;
      if (admission == Admission::kAccepted) continue;
      const bool full = admission == Admission::kQueueFull;
      refused.emplace_back(submission, full ? Fate::kQueueFull : Fate::kNotServing);
    }
    // The first of them is counted.
    if (first == Admission::kQueueFull) refused_full_ += submissions.size() - 1;
    if (writer_waiting_) arrived_.NotifyOne();
  }
  for (const auto& [submission, fate] : refused) submission->Done(fate, head());
}

Sequencer::Admission Sequencer::EnqueueLocked(Submission& submission) {
  const Admission admission = AdmitsLocked(submission);
  if (admission != Admission::kAccepted) return admission;
  queue_.push_back(&submission);
  ++waiting_commands_;
  waiting_bytes_ += submission.bytes;
  return Admission::kAccepted;
}

Sequencer::Admission Sequencer::Admits(const Submission& submission) const {
  MutexLock lock(&mutex_);
  return AdmitsLocked(submission);
}

Sequencer::Admission Sequencer::AdmitsLocked(const Submission& submission) const {
  if (stopping_ || !serving()) return Admission::kNotServing;
  if (waiting_commands_ < options_.queue_commands_max &&
      waiting_bytes_ + submission.bytes <= options_.queue_bytes_max) {
    return Admission::kAccepted;
  }
  ++refused_full_;
  return Admission::kQueueFull;
}

void Sequencer::Run() {
  AskForShortSlices();
  while (serving()) {
    const bool worked = Step();
    const bool decided_all = batch_next_ == batch_.size();
    MutexLock lock(&mutex_);
    // What is due, and what takes many frames, goes on when the partition is next served.
    if (stopping_ && decided_all && queue_.empty()) return;
    if (worked || !queue_.empty()) continue;
    writer_waiting_ = true;
    arrived_.WaitFor(&mutex_, kIdleInterval);
    writer_waiting_ = false;
  }
}

bool Sequencer::IsWaiting() const {
  MutexLock lock(&mutex_);
  return waiting_commands_ > 0;
}

bool Sequencer::Step() {
  if (!serving()) return false;
  Drain();
  DecideBatch();
  if (frame_.empty() && answered_.empty()) {
    CheckEpoch();
    return false;
  }
  if (!frame_.empty() && !Commit()) return false;
  Answer();
  return true;
}

void Sequencer::Drain() {
  MutexLock lock(&mutex_);
  draining_ = stopping_;
  if (batch_next_ < batch_.size()) return;
  batch_.clear();
  batch_next_ = 0;
  batch_.swap(queue_);
  archived_then_.push_back(Archived());
  if (archived_then_.size() > options_.forget_batches_later) archived_then_.pop_front();
}

void Sequencer::DecideBatch() {
  const Instant wall = clock_->Now();
  const Instant now = std::max(last_time_, wall);
  frame_.Reset(head() + 1, now);
  const int expired = machine_->ExpireDue(now, options_.expiries_per_frame_max, frame_);
  counters_.expired.fetch_add(expired, std::memory_order_relaxed);
  const bool first = full_frames_ == kFullFramesMax;
  if (first && !draining_) machine_->Continue(now, frame_);
  int decided = 0;
  size_t decided_bytes = 0;
  while (batch_next_ < batch_.size() && decided < options_.frame_commands_max &&
         frame_.size() < options_.frame_bytes_max) {
    PrefetchAhead();
    Submission* const submission = batch_[batch_next_];
    if (submission->deadline < wall) {
      submission->fate_ = Fate::kDeadlinePassed;
      submission->position_ = head();
      counters_.deadline_passed.fetch_add(1, std::memory_order_relaxed);
    } else if (!Decide(*submission, now)) {
      break;
    }
    ++batch_next_;
    answered_.push_back(submission);
    ++decided;
    decided_bytes += submission->bytes;
  }
  // On top of a full frame there is room for a command (kCommandBytesMax), but not for more.
  const bool has_room = frame_.size() < options_.frame_bytes_max;
  if (has_room && !first && !draining_) machine_->Continue(now, frame_);
  full_frames_ = has_room || first ? 0 : full_frames_ + 1;
  if (decided == 0) return;
  counters_.commands.fetch_add(decided, std::memory_order_relaxed);
  MutexLock lock(&mutex_);
  waiting_commands_ -= static_cast<size_t>(decided);
  waiting_bytes_ -= decided_bytes;
}

void Sequencer::PrefetchAhead() const {
  // First the submission itself, which another core has written; then what it leads to.
  if (batch_next_ + 2 * kPrefetchedAhead < batch_.size()) {
    const auto* bytes = reinterpret_cast<const char*>(batch_[batch_next_ + 2 * kPrefetchedAhead]);
    for (int line = 0; line < kPrefetchedLines; ++line) __builtin_prefetch(bytes + 64 * line);
  }
  if (batch_next_ + kPrefetchedAhead < batch_.size()) {
    const Submission& submission = *batch_[batch_next_ + kPrefetchedAhead];
    if (!submission.request_id.empty()) window_.Prefetch(submission.request_);
    machine_->Prefetch(submission);
  }
}

bool Sequencer::Recall(Submission& submission) {
  // Of what is remembered, or archived.
  const auto answer = [&](const auto& known) {
    submission.position_ = known.position;
    if (known.fingerprint == submission.fingerprint) {
      machine_->Recall(submission, known.outcome, known.position);
      submission.fate_ = Fate::kRecalled;
      counters_.recalled.fetch_add(1, std::memory_order_relaxed);
    } else {
      submission.fate_ = Fate::kRequestIdReused;
    }
    return true;
  };
  if (const RememberedRequest* const known = window_.Find(submission.request_)) {
    return answer(*known);
  }
  if (window_.forgotten() > submission.looked_up_to_ && options_.archive != nullptr) {
    // It left the window after it was looked up, if it was in it.
    if (!LookUp({&submission})) {
      submission.fate_ = Fate::kNotServing;
      submission.position_ = head();
      return true;
    }
  }
  return submission.archived_ != nullptr && answer(*submission.archived_);
}

bool Sequencer::Decide(Submission& submission, Instant now) {
  const bool remembered = !submission.request_id.empty();
  if (remembered && Recall(submission)) return true;
  if (submission.recall_only) {
    submission.fate_ = Fate::kDecided;
    submission.position_ = head();
    return true;
  }
  if (!machine_->Prepare(submission, now, frame_)) {
    QM_CHECK(!frame_.empty()) << "an empty frame has room";
    return false;
  }
  outcome_.clear();
  if (remembered) {
    AppendRequestOutcomePrefix(submission.request_id, submission.fingerprint, outcome_);
  }
  const size_t prefix_size = outcome_.size();
  if (!machine_->Execute(submission, now, frame_, outcome_)) {
    submission.fate_ = Fate::kTooLarge;
    submission.position_ = head();
    return true;
  }
  submission.fate_ = Fate::kDecided;
  if (remembered && !submission.provisional) {
    const Position position = frame_.Add(kRequestOutcomeType, /*version=*/1, outcome_);
    window_.Insert(submission.request_, submission.fingerprint,
                   std::string_view(outcome_).substr(prefix_size), position);
  }
  submission.position_ = frame_.next_position() - 1;
  return true;
}

bool Sequencer::Commit() {
  const std::string_view bytes = frame_.Finish();
  const Position expected_head = head();
  Instant give_up = kDistantFuture;
  while (true) {
    const absl::Status status = log_->Append(options_.partition, epoch_, expected_head, bytes);
    if (status.ok()) break;
    if (storage::IsFenced(status)) {
      Fence(status);
      return false;
    }
    if (!absl::IsUnavailable(status)) {
      // Memory has run ahead of the disk: nothing may be answered from it any more.
      if (options_.on_fatal) options_.on_fatal(status);
      QM_CHECK(status.ok()) << status.ToString();
    }
    // The outcome is unknown. Until it is known nothing is released.
    MutexLock lock(&mutex_);
    if (stopping_ && give_up == kDistantFuture) give_up = clock_->Now() + kStopGrace;
    if (clock_->Now() >= give_up) {
      serving_.store(false, std::memory_order_release);
      return false;
    }
    arrived_.WaitFor(&mutex_, options_.append_retry_interval);
  }
  last_time_ = frame_.time();
  counters_.frames.fetch_add(1, std::memory_order_relaxed);
  counters_.records.fetch_add(frame_.record_count(), std::memory_order_relaxed);
  counters_.bytes.fetch_add(bytes.size(), std::memory_order_relaxed);
  const Position head = frame_.next_position() - 1;
  head_.store(head, std::memory_order_release);
  machine_->Publish(head, last_time_);
  // What is in a batch came, and was looked up, after the one before it was taken, but for what was
  // on its way then: it need not be looked up again if nothing has been forgotten since.
  TrimWindow(archived_then_.empty() ? Archived() : archived_then_.front());
  return true;
}

void Sequencer::Answer() {
  for (Submission* const submission : answered_) {
    submission->Done(submission->fate_, submission->position_);
  }
  answered_.clear();
}

void Sequencer::CheckEpoch() {
  const Instant now = clock_->Now();
  // A clock that was set back is no reason to wait for it.
  if (last_epoch_check_ <= now && last_epoch_check_ != kDistantPast &&
      now - last_epoch_check_ < options_.epoch_check_interval) {
    return;
  }
  last_epoch_check_ = now;
  // May wait for a shared log that is away. Whoever comes meanwhile would wait for it in Commit.
  const absl::StatusOr<storage::PartitionStatus> status = log_->GetStatus(options_.partition);
  // A log that does not answer is no proof of another owner.
  if (status.ok() && status->epoch != epoch_) {
    Fence(storage::FencedError(options_.partition, epoch_, status->epoch));
  }
}

void Sequencer::Fence(const absl::Status& status) {
  serving_.store(false, std::memory_order_release);
  RefuseQueued();
  if (options_.on_fenced) options_.on_fenced(status);
}

void Sequencer::RefuseQueued() {
  std::vector<Submission*> refused = std::move(answered_);
  answered_.clear();
  refused.insert(refused.end(), batch_.begin() + static_cast<ptrdiff_t>(batch_next_), batch_.end());
  batch_.clear();
  batch_next_ = 0;
  {
    MutexLock lock(&mutex_);
    refused.insert(refused.end(), queue_.begin(), queue_.end());
    queue_.clear();
    waiting_commands_ = 0;
    waiting_bytes_ = 0;
  }
  for (Submission* const submission : refused) submission->Done(Fate::kNotServing, head());
}

SequencerStats Sequencer::Stats() const {
  SequencerStats stats;
  stats.frames = counters_.frames.load(std::memory_order_relaxed);
  stats.commands = counters_.commands.load(std::memory_order_relaxed);
  stats.records = counters_.records.load(std::memory_order_relaxed);
  stats.bytes = counters_.bytes.load(std::memory_order_relaxed);
  stats.recalled = counters_.recalled.load(std::memory_order_relaxed);
  stats.expired = counters_.expired.load(std::memory_order_relaxed);
  stats.deadline_passed = counters_.deadline_passed.load(std::memory_order_relaxed);
  stats.head = head();
  MutexLock lock(&mutex_);
  stats.refused_full = refused_full_;
  stats.queue_depth = waiting_commands_;
  return stats;
}

}  // namespace quartermaster::engine
