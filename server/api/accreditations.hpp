#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/unit_tree.hpp"
#include "server/api/services.hpp"
#include "server/http/message.hpp"
#include "storage/accounts/accreditation_store.hpp"

/// Journalists who ask for a press account: who decides, and what a decision does. All of it stands
/// in the audit chain.
namespace khochung::api {

/// Whether the viewer decides about the press: a spokesperson or administrator of the top unit,
/// since the press is let in for the whole union.
bool decides_about_press(const access::Viewer& viewer, const UnitTree& tree);

/// Errors: those of AccreditationStore::ask().
Result<void> ask_accreditation(const Services& services, const http::Request& request,
                               const storage::AccreditationWish& wish);

/// Gives the account until then. Errors: forbidden; those of AccreditationStore::grant().
struct Granted {
  storage::Accreditation accreditation;
  std::string token;  ///< of the link to choose a password, where no mail carries it
};
struct GrantWish {
  std::string_view id;
  std::string_view account;
  Instant ends_at{};
};
Result<Granted> grant_accreditation(const Services& services, const http::Request& request,
                                    const access::Viewer& viewer, const GrantWish& wish);
/// Errors: forbidden; those of AccreditationStore::refuse().
Result<storage::Accreditation> refuse_accreditation(const Services& services,
                                                    const http::Request& request,
                                                    const access::Viewer& viewer,
                                                    std::string_view id, std::string_view reason);
/// Errors: forbidden; those of AccreditationStore::end().
Result<storage::Accreditation> end_accreditation(const Services& services,
                                                 const http::Request& request,
                                                 const access::Viewer& viewer, std::string_view id);

}  // namespace khochung::api
