#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <string>

#include "schemas/access/policy.hpp"
#include "server/api/services.hpp"
#include "server/http/message.hpp"
#include "server/http/multipart.hpp"
#include "storage/accounts/call_store.hpp"

/// Calls: members without an account contribute into the inbox of a unit, which is its list of what
/// waits for review. Nothing that comes so is ever published by itself.
namespace khochung::api {

/// Makes a call for a unit at which the viewer decides.
/// Errors: forbidden; bad_input for terms that are none, or a preset of anything but what describes
///         a material.
Result<storage::Call> make_call(const Services& services, const access::Viewer& viewer,
                                const storage::CallTerms& terms);
/// Errors: not_found; forbidden.
Result<void> close_call(const Services& services, const access::Viewer& viewer, storage::CallId id);
/// {id, title, text, unit, ends_at, is_listed}, and for those who decide at its unit {preset,
/// limit, received, made_at}.
boost::json::object call_json(const storage::Call& call, const UnitTree& tree, Language language,
                              bool is_for_editors);

/// What a contribution said beside its files.
struct Contributor {
  std::string name;     ///< may be empty
  std::string contact;  ///< for the reviewers alone
  std::string note;
  bool agrees = false;       ///< that the union uses it
  bool has_consent = false;  ///< those pictured have agreed, too
};

/// Takes a contribution: a form whose files come last. No more than 10 files and 50 MB, and nothing
/// is kept before it is whole.
class ContributionSink final : public http::BodySink {
 public:
  /// `kept`: the contribution came in, of so many files; or why it did not.
  using Answer = std::function<Result<http::Response>(
      const http::Request&, const storage::Call&, const Contributor&, Result<std::size_t> kept)>;
  static constexpr std::size_t most_files = 10;
  static constexpr std::uint64_t most_bytes = 50'000'000;

  /// Errors: not_found when the call is over; forbidden "csrf" for what another site sent;
  /// unsupported for another media type.
  static Result<std::unique_ptr<http::BodySink>> begin(const Services& services,
                                                       const http::Request& request, Answer answer);

  Result<void> write(std::span<const std::byte> bytes) override;
  Result<http::Response> finish() override;

 private:
  ContributionSink(const Services& services, const http::Request& request, storage::Call call,
                   Answer answer)
      : services_(services),
        request_(request),
        call_(std::move(call)),
        answer_(std::move(answer)) {}

  http::FormEvents events();
  Result<std::size_t> keep();
  [[nodiscard]] Result<pipeline::Accepted> take(pipeline::SubmittedFile file) const;
  [[nodiscard]] Result<void> add_message(const Material& material) const;

  const Services& services_;
  http::Request request_;
  storage::Call call_;
  Answer answer_;
  Contributor contributor_;
  std::vector<pipeline::SubmittedFile> files_;
  std::uint64_t bytes_ = 0;
  std::unique_ptr<http::MultipartReader> reader_;
};

}  // namespace khochung::api
