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

using DataRequestId = Identifier<struct DataRequestTag>;

/// What somebody wants to be done about data of one's own.
enum class DataWish { see, correct, erase, withdraw_consent, other };
std::string_view to_text(DataWish wish);
/// Errors: bad_input.
Result<DataWish> data_wish_from(std::string_view text);

struct DataRequest {
  DataRequestId id;
  DataWish wish = DataWish::other;
  std::string person;
  MailAddress address;
  std::string subject;  ///< which data: an address of this site, or words
  Language language = Language::vietnamese;
  Instant asked_at{};
  Instant due_at{};  ///< when it must be answered
  Instant answered_at{};
  std::string answered_by;
  std::string answer;
};

/// The kinds of mail that come from here; their subject is the id of a request.
inline constexpr std::string_view data_request_received = "data_request_received";
inline constexpr std::string_view data_request_answered = "data_request_answered";

/// The end of the second working day after `asked`: Saturdays, Sundays and nothing else are free.
/// Source: Nghị định 356/2025/NĐ-CP (two working days).
Instant answer_is_due(Instant asked);

/// Requests of people about their data, in the file of the accounts.
/// Threads: safe from many threads.
class DataRequestStore {
 public:
  using Clock = std::function<Instant()>;
  static constexpr std::size_t longest_person_bytes = 300;
  static constexpr std::size_t longest_text_bytes = 4'000;
  /// That a request was answered is kept so long, to be shown to whoever asks for proof.
  static constexpr std::chrono::days kept_for{730};

  /// Both outlive it.
  DataRequestStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  struct Asked {
    DataWish wish = DataWish::other;
    std::string person;
    MailAddress address;
    std::string subject;
    Language language = Language::vietnamese;
  };
  /// Keeps it and, `by_mail`, has it confirmed, unless the address had enough mails today.
  /// Errors: bad_input "data_request_incomplete", "accreditation_text"; unavailable
  /// "notice_too_many".
  Result<DataRequest> ask(const Asked& asked, bool by_mail, std::string_view network);
  /// Errors: not_found.
  [[nodiscard]] Result<DataRequest> find(std::string_view id) const;
  /// Those that were not answered, soonest due first; at most `limit`.
  [[nodiscard]] Result<std::vector<DataRequest>> open_ones(int limit) const;
  /// Errors: not_found; conflict "data_request_answered"; bad_input "reason_missing".
  Result<DataRequest> answer(std::string_view id, std::string_view answer, std::string_view by,
                             bool by_mail);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace khochung::storage
