#include "server/delivery/notices.hpp"

#include <spdlog/spdlog.h>

#include <charconv>

namespace khochung::delivery {
namespace {

using api::Readable;
using api::Services;
using storage::NoticeFollower;
using storage::NoticeWish;

constexpr int kits_a_round = 100;
constexpr std::chrono::milliseconds between_looks = std::chrono::minutes(1);

bool is_trouble(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::corrupt ||
         error.code == ErrorCode::internal;
}

/// Whose rights decide. Errors: not_found for an account that is disabled or gone.
Result<access::Viewer> viewer_of(const Services& services, std::string_view account) {
  if (account.empty()) return access::Viewer::anonymous();
  return services.doorkeeper.viewer_named(account);
}

/// A kit as a follower sees it at this moment.
struct Sight {
  enum class Kind { hidden, shown, withdrawn };
  Kind kind = Kind::hidden;
  Material material = {};
  std::optional<Unit> unit = {};

  [[nodiscard]] std::vector<KitVersion> versions() const {
    return material.kit ? material.kit->versions : std::vector<KitVersion>();
  }
  [[nodiscard]] std::string unit_name(Language language) const {
    if (!unit) return {};
    const bool in_english = language == Language::english && !unit->name_en.empty();
    return in_english ? unit->name_en : unit->name_vi;
  }
};

Sight sight_of(const Readable& readable) {
  const auto& material = readable.entry->material;
  Sight sight{Sight::Kind::hidden, material, {}};
  if (const auto* unit = readable.tree->find(material.unit)) sight.unit = *unit;
  if (!material.kit || material.kit->versions.empty()) return sight;
  if (material.state == State::published) sight.kind = Sight::Kind::shown;
  if (material.state == State::withdrawn) sight.kind = Sight::Kind::withdrawn;
  return sight;
}

/// Withdrawn kits are seen as title and reason by those who may read them.
Result<Sight> withdrawn_sight(const Services& services, MaterialId kit) {
  auto entry = KHOCHUNG_TRY(services.catalogue.material(kit));
  const auto tree = services.units.tree();
  auto standing = KHOCHUNG_TRY(access::Standing::of(entry.material, *tree));
  return sight_of({std::make_shared<const storage::CatalogueEntry>(std::move(entry)),
                   std::move(standing), tree});
}

/// Errors: unavailable; corrupt. Whatever else keeps the kit from the follower hides it.
Result<Sight> seen_by(const Services& services, MaterialId kit, std::string_view account) {
  const auto look = [&]() -> Result<Sight> {
    const auto viewer = KHOCHUNG_TRY(viewer_of(services, account));
    const auto readable = api::find_readable(services, kit.text(), viewer);
    if (readable) return sight_of(*readable);
    const bool is_withdrawn =
        readable.error().code == ErrorCode::gone && readable.error().reason != "deleted";
    if (!is_withdrawn) return fail(readable.error());
    auto sight = KHOCHUNG_TRY(withdrawn_sight(services, kit));
    if (sight.kind != Sight::Kind::withdrawn) return Sight{};
    return sight;
  };
  auto sight = look();
  if (!sight && !is_trouble(sight.error())) return Sight{};
  return sight;
}

Result<NoticeSubject> subject_of(const Services& services, const NoticeWish& wish) {
  const auto sight = KHOCHUNG_TRY(seen_by(services, wish.kit, wish.account));
  return NoticeSubject{wish.kit,
                       sight.kind == Sight::Kind::hidden ? std::string() : sight.material.title};
}

/// Queues mails batch by batch, so that no transaction grows with the followers.
template <typename Tell>
Result<void> tell_all(const std::stop_token& stop, Tell tell) {
  while (!stop.stop_requested() && KHOCHUNG_TRY(tell()) == storage::NoticeStore::batch) {
  }
  return {};
}

Result<void> tell_of_versions(const Services& services, MaterialId kit, int newest,
                              const std::stop_token& stop) {
  auto& notices = services.accounts.notices();
  for (const auto& account : KHOCHUNG_TRY(notices.accounts_untold(kit, newest))) {
    const auto sight = KHOCHUNG_TRY(seen_by(services, kit, account));
    if (sight.kind != Sight::Kind::shown) continue;
    KHOCHUNG_CHECK(tell_all(stop, [&] { return notices.tell_of_version(kit, account, newest); }));
  }
  return {};
}

Result<void> tell_of_withdrawal(const Services& services, MaterialId kit,
                                const std::stop_token& stop) {
  auto& notices = services.accounts.notices();
  for (const auto& account : KHOCHUNG_TRY(notices.accounts_untold_of_withdrawal(kit))) {
    const auto sight = KHOCHUNG_TRY(seen_by(services, kit, account));
    if (sight.kind != Sight::Kind::withdrawn) continue;
    KHOCHUNG_CHECK(tell_all(stop, [&] { return notices.tell_of_withdrawal(kit, account); }));
  }
  return {};
}

Result<void> look_at(const Services& services, MaterialId kit, const std::stop_token& stop) {
  const auto entry = services.catalogue.material(kit);
  if (!entry && entry.error().code == ErrorCode::not_found) return {};
  const auto& material = KHOCHUNG_TRY(entry).material;
  if (!material.kit || material.kit->versions.empty()) return {};
  if (material.state == State::withdrawn) return tell_of_withdrawal(services, kit, stop);
  if (material.state != State::published) return {};
  KHOCHUNG_CHECK(services.accounts.notices().forget_withdrawal(kit));
  return tell_of_versions(services, kit, material.kit->versions.back().number, stop);
}

int number_in(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

bool offers_notices(const Services& services, const Material& material) {
  return services.postman != nullptr && material.kit && !material.kit->versions.empty() &&
         material.state == State::published;
}

Result<void> ask_for_notices(const Services& services, const http::Request& request,
                             const access::Viewer& viewer, const NoticeAsk& ask) {
  const auto readable = KHOCHUNG_TRY(api::find_readable(services, ask.kit, viewer));
  const auto& material = readable.entry->material;
  if (!material.kit) return fail(ErrorCode::not_found, "it is no press kit");
  if (services.postman == nullptr)
    return fail(ErrorCode::unsupported, "mail_unset", "no mail server is configured");
  if (!offers_notices(services, material))
    return fail(ErrorCode::conflict, "notice_kit_unpublished", "no version is published");
  const NoticeWish wish{material.id, KHOCHUNG_TRY(MailAddress::parse(ask.address)), viewer.name,
                        ask.language, material.kit->versions.back().number};
  const auto network =
      request.is_local_administrator ? std::string() : access::network_of(request.client);
  KHOCHUNG_CHECK(services.accounts.notices().ask(wish, network));
  services.postman->ring();
  return {};
}

Result<NoticeSubject> wish_behind(const Services& services, std::string_view token) {
  return subject_of(services, KHOCHUNG_TRY(services.accounts.notices().wish_of(token)));
}

Result<NoticeSubject> notices_behind(const Services& services, std::string_view leave_token) {
  return subject_of(services,
                    KHOCHUNG_TRY(services.accounts.notices().follower_leaving(leave_token)).wish);
}

Result<NoticeSubject> confirm_notices(const Services& services, std::string_view token) {
  const auto follower = KHOCHUNG_TRY(services.accounts.notices().confirm(token));
  // What was corrected since they asked is told now.
  if (services.postman != nullptr) services.postman->ring();
  return subject_of(services, follower.wish);
}

Result<void> end_notices(const Services& services, std::string_view leave_token) {
  return services.accounts.notices().leave(leave_token);
}

std::string confirm_path(std::string_view token) {
  return "/n/" + std::string(token);
}

std::string leave_path(std::string_view leave_token) {
  return "/n/" + std::string(leave_token) + "/leave";
}

Result<std::optional<Confirmation>> confirmation_for(const Services& services,
                                                     const storage::QueuedMail& mail) {
  const auto begun = services.accounts.notices().begin_confirmation(mail.subject);
  if (!begun && begun.error().code == ErrorCode::not_found) return std::nullopt;
  const auto& [wish, token] = KHOCHUNG_TRY(begun);
  const auto sight = KHOCHUNG_TRY(seen_by(services, wish.kit, wish.account));
  if (sight.kind != Sight::Kind::shown) return std::nullopt;
  return Confirmation{wish, token, sight.material.title, sight.unit_name(wish.language)};
}

Result<std::optional<Notice>> notice_for(const Services& services,
                                         const storage::QueuedMail& mail) {
  const auto follower = services.accounts.notices().follower(mail.subject);
  if (!follower && follower.error().code == ErrorCode::not_found) return std::nullopt;
  const auto& wish = KHOCHUNG_TRY(follower).wish;
  const auto sight = KHOCHUNG_TRY(seen_by(services, wish.kit, wish.account));
  const bool is_withdrawal = mail.kind == storage::notice_withdrawal;
  if (sight.kind != (is_withdrawal ? Sight::Kind::withdrawn : Sight::Kind::shown))
    return std::nullopt;
  Notice notice{*follower, sight.material.title, sight.unit_name(wish.language), {}, {}};
  if (is_withdrawal) {
    notice.reason = sight.material.notice;
    return notice;
  }
  const int known = number_in(mail.detail);
  for (const auto& version : sight.versions()) {
    if (version.number > known) notice.versions.push_back(version);
  }
  if (notice.versions.empty()) return std::nullopt;
  return notice;
}

Result<void> find_news(const Services& services, const std::stop_token& stop) {
  auto& notices = services.accounts.notices();
  const auto kits = KHOCHUNG_TRY(notices.due_kits(kits_a_round));
  if (kits.empty()) return {};
  for (const auto& [kit, since] : kits) {
    if (const auto looked = look_at(services, kit, stop); !looked)
      spdlog::error("followers of {} are told later: {}", kit.text(), looked.error().message);
  }
  // What was left is looked at with the next start.
  if (stop.stop_requested()) return {};
  return notices.look_again(kits, now() + between_looks);
}

}  // namespace khochung::delivery
