#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.hpp"
#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/mail_address.hpp"
#include "schemas/result.hpp"
#include "storage/catalogue/database.hpp"

namespace khochung::storage {

using AccreditationId = Identifier<struct AccreditationTag>;

/// What a journalist says who asks for a press account.
struct AccreditationWish {
  std::string person;
  std::string newsroom;
  std::string card;       ///< number of the press card; may be empty
  std::string telephone;  ///< may be empty
  std::string purpose;    ///< may be empty
  MailAddress address;
  Language language = Language::vietnamese;
};

enum class AccreditationState {
  unconfirmed,  ///< the mailbox has not answered yet
  asked,        ///< waits for the archive
  granted,
  refused,
};
std::string_view to_text(AccreditationState state);

struct Accreditation {
  AccreditationId id;
  AccreditationState state = AccreditationState::asked;
  AccreditationWish wish;
  Instant asked_at{};
  Instant decided_at{};
  std::string decided_by;  ///< account; empty: the owner of the data folder
  std::string reason;      ///< of a refusal
  std::string account;     ///< of a granted one
  Instant ends_at{};       ///< of a granted one
};

/// The kinds of mail that come from here; their subject is the id of an accreditation.
inline constexpr std::string_view accreditation_confirmation = "accreditation_confirmation";
inline constexpr std::string_view accreditation_granted = "accreditation_granted";
inline constexpr std::string_view accreditation_refused = "accreditation_refused";
inline constexpr std::string_view accreditation_ending = "accreditation_ending";

/// Accreditations of journalists, in the file of the accounts. Who may decide is not known here.
/// Threads: safe from many threads.
class AccreditationStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr std::chrono::days confirmed_within{3};
  static constexpr std::chrono::days longest_life{366};
  static constexpr std::chrono::days reminded_before{14};
  /// What was refused, and what ended, is forgotten after so long: nobody's data are kept for
  /// nothing.
  static constexpr std::chrono::days kept_for{90};
  static constexpr std::size_t longest_text_bytes = 300;
  static constexpr std::size_t longest_purpose_bytes = 2'000;

  /// Both outlive it.
  AccreditationStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  /// Keeps the wish. `by_mail`: it waits for its mailbox first, and an address that had enough
  /// mails today gets none, which looks the same.
  /// Errors: bad_input "accreditation_incomplete" without a name or a newsroom, "too_long";
  /// unavailable "notice_too_many".
  Result<void> ask(const AccreditationWish& wish, bool by_mail, std::string_view network);
  /// As those of AddressStore.
  struct WishToSend {
    Accreditation accreditation;
    std::string token;
  };
  Result<WishToSend> begin_confirmation(std::string_view id);
  [[nodiscard]] Result<Accreditation> wish_of(std::string_view token) const;
  Result<Accreditation> confirm(std::string_view token);

  /// Errors: not_found.
  [[nodiscard]] Result<Accreditation> find(std::string_view id) const;
  /// Those that wait, longest first; those that were granted and have not ended, soonest end first.
  /// At most `limit`.
  [[nodiscard]] Result<std::vector<Accreditation>> waiting(int limit) const;
  [[nodiscard]] Result<std::vector<Accreditation>> in_force(int limit) const;

  /// The press account is made, or goes on until then when it is that journalist's already: its
  /// confirmed address is the same. A new account has no password until its link is opened.
  /// `by_mail`: whoever asked is told.
  /// Errors: not_found; conflict "accreditation_decided"; bad_input "accreditation_end" when it
  ///         ends not within longest_life, or for the name; conflict "name_taken".
  Result<Accreditation> grant(std::string_view id, std::string_view account, Instant ends_at,
                              std::string_view by, bool by_mail);
  /// Errors: not_found; conflict "accreditation_decided"; bad_input "reason_missing".
  Result<Accreditation> refuse(std::string_view id, std::string_view reason, std::string_view by,
                               bool by_mail);
  /// Ends a granted one now; the account is closed. Errors: not_found.
  Result<Accreditation> end(std::string_view id);

  /// Queues mails for those that end soon, each once, and forgets what need not be kept.
  Result<void> look_after(bool by_mail);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace khochung::storage
