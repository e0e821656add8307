#pragma once

#include "schemas/result.hpp"
#include "server/app/config.hpp"
#include "server/app/data_folder.hpp"
#include "server/mail/smtp_sender.hpp"

namespace khochung::app {

/// The mail server that config.toml names. Files are in the data folder unless their path is
/// absolute; `site_name` is what mails are signed with where no name is given.
/// Errors: bad_input, reason "mail_incomplete", "mail_server_address", "mail_address" or
///         "mail_password_file".
Result<mail::SmtpServer> mail_server_of(const Config::Mail& said, const DataPaths& paths,
                                        const std::string& site_name);

}  // namespace khochung::app
