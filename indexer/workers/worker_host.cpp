#include "indexer/workers/worker_host.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <utility>

#include "indexer/workers/child_process.hpp"
#include "schemas/json_reader.hpp"
#include "schemas/sentences.hpp"

namespace khochung::workers {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t complaints_kept = std::size_t{16} * 1024;
constexpr auto worker_names = std::to_array<std::string_view>(
    {"pdf", "ocr", "picture", "caption", "markup", "archive", "layout"});

tl::unexpected<Error> stopped(const std::string& what) {
  return fail(ErrorCode::unsupported, "worker_stopped", what);
}

/// Reads what a child writes until it has closed its output, time is up or somebody says stop.
class Conversation {
 public:
  Conversation(ChildProcess& child, const Run& run, const FrameParser::Visitor& visit)
      : child_(child), deadline_(Clock::now() + run.wall), parser_(run.limits, visit) {}

  Result<void> listen(const std::stop_token& stop);
  /// Whether more came after the end frame. Asked once the worker is gone.
  [[nodiscard]] bool has_leftovers();
  void take_complaints();
  [[nodiscard]] const std::string& complaints() const { return complaints_; }
  [[nodiscard]] const std::optional<Ending>& ending() const { return parser_.ending(); }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }

 private:
  Result<void> take_output();

  ChildProcess& child_;
  Clock::time_point deadline_;
  FrameParser parser_;
  std::string complaints_;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{256} * 1024);
};

Result<void> Conversation::listen(const std::stop_token& stop) {
  const StopSignal stopping(stop);
  while (child_.output() >= 0 && !parser_.ending()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    if (left.count() <= 0) return stopped("time is up");
    std::array<pollfd, 4> watched{{{child_.output(), POLLIN, 0},
                                   {child_.complaints(), POLLIN, 0},
                                   {stopping.descriptor(), POLLIN, 0},
                                   {child_.end_signal(), POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left.count()) + 1);
    if (ready < 0 && errno != EINTR) return fail(ErrorCode::unavailable, "poll");
    if (ready <= 0) continue;
    if (watched[2].revents != 0) return fail(ErrorCode::unavailable, "asked to stop");
    if (watched[1].revents != 0) take_complaints();
    if (watched[0].revents != 0) KHOCHUNG_CHECK(take_output());
    // A run ends with its worker: what the worker started no longer holds the pipe open.
    if (watched[3].revents != 0) child_.kill_group();
  }
  return {};
}

Result<void> Conversation::take_output() {
  const auto count = ::read(child_.output(), buffer_.data(), buffer_.size());
  if (count < 0) return errno == EINTR ? Result<void>() : stopped("its output cannot be read");
  if (count == 0) {
    child_.close_output();
    return {};
  }
  return parser_.feed({buffer_.data(), static_cast<std::size_t>(count)});
}

bool Conversation::has_leftovers() {
  pollfd output{child_.output(), POLLIN, 0};
  return child_.output() >= 0 && ::poll(&output, 1, 0) == 1 &&
         ::read(child_.output(), buffer_.data(), 1) == 1;
}

void Conversation::take_complaints() {
  const auto count = ::read(child_.complaints(), buffer_.data(), buffer_.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return child_.close_complaints();
  const auto room = complaints_kept - std::min(complaints_kept, complaints_.size());
  complaints_.append(buffer_.data(), std::min(static_cast<std::size_t>(count), room));
}

/// What a worker wrote for people, made fit for one line of a log.
std::string tidied(std::string_view complaints) {
  std::string line;
  for (const char c : complaints.substr(0, 600)) line.push_back(c >= ' ' && c < 0x7F ? c : ' ');
  return line;
}

/// The literal that a reason points at; a worker's own words are never handed on.
std::string_view known_reason(std::string_view reason) {
  const auto* row = std::ranges::find(sentences, reason, &Sentence::key);
  return row == sentences.end() ? std::string_view("damaged_file") : row->key;
}

Result<void> verdict(const Ending& ending, const std::string& program) {
  switch (ending.outcome) {
    case Outcome::ok: return {};
    case Outcome::bad_file: {
      const auto reason = known_reason(ending.reason);
      const bool is_size =
          reason == "picture_too_large" || reason == "too_many_parts" || reason == "too_large";
      return fail(is_size ? ErrorCode::too_large : ErrorCode::unsupported, reason,
                  program + ": " + tidied(ending.message));
    }
    case Outcome::unusable: break;
  }
  return fail(ErrorCode::unavailable, "worker_unusable", program + ": " + tidied(ending.message));
}

}  // namespace

WorkerHost::WorkerHost(std::filesystem::path programs, std::filesystem::path scratch)
    : programs_(std::move(programs)), scratch_(std::move(scratch)) {}

Result<void> WorkerHost::run(const Run& run, const FrameParser::Visitor& visit,
                             const std::stop_token& stop) const {
  const auto input = KHOCHUNG_TRY(reopen_read_only(run.input));
  const auto scratch = KHOCHUNG_TRY(ScratchFolder::make(scratch_));
  auto child = KHOCHUNG_TRY(
      ChildProcess::start({programs_ / ("khochung-worker-" + run.program),
                           boost::json::serialize(run.request), scratch.path(), input.number()}));
  Conversation conversation(child, run, visit);
  auto heard = conversation.listen(stop);
  if (!heard) {
    const bool is_bad_output =
        heard.error().code == ErrorCode::bad_input && heard.error().reason.empty();
    if (!is_bad_output) return heard;
    return stopped(run.program + ": bad output: " + heard.error().message);
  }
  const auto how = child.finish(conversation.deadline());
  conversation.take_complaints();
  if (conversation.has_leftovers()) return stopped(run.program + ": bytes after the end frame");
  const auto& ending = conversation.ending();
  if (ending) return verdict(*ending, run.program);
  return stopped(run.program + ": " + (how.empty() ? "output cut off" : how) + " " +
                 tidied(conversation.complaints()));
}

std::vector<WorkerProbe> WorkerHost::probe() const {
  std::vector<WorkerProbe> probes;
  for (const auto name : worker_names) {
    WorkerProbe probe{std::string(name), false, 0, false, {}};
    std::string said;
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const auto scratch = ScratchFolder::make(scratch_);
    auto child = !scratch ? Result<ChildProcess>(fail(scratch.error()))
                          : ChildProcess::start({programs_ / ("khochung-worker-" + probe.program),
                                                 "--probe", scratch->path(), nothing.number()});
    if (child) {
      std::array<char, 4096> buffer{};
      const auto count = ::read(child->output(), buffer.data(), buffer.size());
      if (count > 0) said.assign(buffer.data(), static_cast<std::size_t>(count));
      probe.is_usable = child->finish(Clock::now() + std::chrono::seconds(5)).empty();
    } else {
      probe.missing.push_back(child.error().message);
    }
    boost::system::error_code failed;
    const auto facts = boost::json::parse(said, failed);
    const JsonReader reader(facts);
    probe.landlock = static_cast<int>(reader.integer("landlock"));
    probe.has_namespaces = reader.boolean("namespaces");
    for (auto& missing : reader.strings("missing")) probe.missing.push_back(std::move(missing));
    probes.push_back(std::move(probe));
  }
  return probes;
}

}  // namespace khochung::workers
