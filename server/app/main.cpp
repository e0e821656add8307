#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>

#include "server/app/commands/audit.hpp"
#include "server/app/commands/backup.hpp"
#include "server/app/commands/bulk_edit.hpp"
#include "server/app/commands/doctor.hpp"
#include "server/app/commands/exchange.hpp"
#include "server/app/commands/gc.hpp"
#include "server/app/commands/ingest.hpp"
#include "server/app/commands/kit.hpp"
#include "server/app/commands/mail.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/commands/queries.hpp"
#include "server/app/commands/rebuild.hpp"
#include "server/app/commands/restore.hpp"
#include "server/app/commands/retention.hpp"
#include "server/app/commands/serve.hpp"
#include "server/app/commands/share.hpp"
#include "server/app/commands/units.hpp"
#include "server/app/commands/verify.hpp"
#include "server/app/config.hpp"
#include "server/app/connect.hpp"
#include "server/app/interrupt.hpp"

namespace khochung::app {
namespace {

/// What every command takes.
struct Common {
  std::string data;
  bool prints_json = false;
};

/// The folder in which this program lies; its workers lie beside it.
std::filesystem::path programs_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

/// Runs a command as a client of whoever owns the folder, or of this process when nobody does.
template <typename Command>
int with_client(const Common& common, const std::string& name, Command command) {
  auto connection = connect({data_paths(common.data), programs_folder(), name});
  if (!connection) return print_error(connection.error(), common.prints_json);
  return command(connection->client());
}

/// The folder is opened when the package has been read, which may take hours. A package brings its
/// own first unit, so that a new archive makes none.
int import_bag(const Common& common, const std::filesystem::path& bag) {
  auto package = open_sound_package(bag);
  if (!package) return print_error(package.error(), common.prints_json);
  auto connection = connect(
      {data_paths(common.data), programs_folder(), "import", Application::FirstUnit::is_imported});
  if (!connection) return print_error(connection.error(), common.prints_json);
  return import_package(connection->client(), *package, common.prints_json);
}

CLI::App* add_command(CLI::App& app, Common& common, const std::string& name,
                      const std::string& what) {
  auto* command = app.add_subcommand(name, what);
  command->add_option("--data", common.data,
                      "Data folder (default: $KHOCHUNG_DATA, else ./khochung-data)");
  command->add_flag("--json", common.prints_json, "Answer in JSON, for programs");
  return command;
}

void add_serve(CLI::App& app, Common& common, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  auto* command = add_command(app, common, "serve", "Serve the archive to browsers and programs");
  command->add_option("--listen", options->listen, "HOST:PORT")->capture_default_str();
  command->add_option("--tls-cert", options->tls_certificate, "Certificate chain (PEM)");
  command->add_option("--tls-key", options->tls_key, "Private key (PEM)");
  command->add_option("--origin", options->site.origin,
                      "Public address, such as https://kho.example.vn");
  command->add_option("--site-name", options->site.name, "Name shown on the pages")
      ->capture_default_str();
  command->add_option("--ocr-threads", options->ocr_threads, "Readers of scans at once")
      ->capture_default_str();
  command->add_flag("--wait", options->waits, "Wait until the data folder is free");
  command->callback([&common, &exit_code, command, options] {
    const auto paths = data_paths(common.data);
    const auto config = Config::read(paths.config());
    if (!config) {
      exit_code = print_error(config.error(), common.prints_json);
      return;
    }
    const auto unless_said = [command](const char* option, const auto& configured, auto& value) {
      if (configured && command->count(option) == 0) value = *configured;
    };
    unless_said("--listen", config->listen, options->listen);
    unless_said("--tls-cert", config->tls_certificate, options->tls_certificate);
    unless_said("--tls-key", config->tls_key, options->tls_key);
    unless_said("--origin", config->origin, options->site.origin);
    unless_said("--site-name", config->site_name, options->site.name);
    unless_said("--ocr-threads", config->ocr_threads, options->ocr_threads);
    exit_code = serve(paths, programs_folder(), *options);
  });
}

void add_ingest(CLI::App& app, Common& common, int& exit_code) {
  auto options = std::make_shared<IngestOptions>();
  auto group_by = std::make_shared<std::string>();
  auto no_wait = std::make_shared<bool>(false);
  auto* command = add_command(app, common, "ingest", "Take files and folders in");
  command->add_option("paths", options->paths, "Files and folders");
  command->add_option("--manifest", options->manifest, "Metadata by row (.csv or .jsonl)");
  command->add_option("--group-by", *group_by, "Put loose sheets together")
      ->check(CLI::IsMember({"folder", "name"}));
  command->add_flag("--no-wait", *no_wait, "Do not wait until everything is searchable");
  for (const auto* field : {"unit", "visibility", "state"}) {
    command->add_option_function<std::string>(
        std::string("--") + field,
        [options, field](const std::string& value) { options->fields[field] = value; },
        std::string("The ") + field + " of what the manifest says nothing else of");
  }
  command->callback([&common, &exit_code, options, group_by, no_wait] {
    if (*group_by == "folder") options->group_by = GroupBy::folder;
    if (*group_by == "name") options->group_by = GroupBy::name;
    options->waits = !*no_wait;
    options->prints_json = common.prints_json;
    if (options->paths.empty() && options->manifest.empty()) {
      exit_code = print_error(
          {ErrorCode::bad_input, "say which files: khochung ingest PATH… or --manifest FILE"},
          common.prints_json);
      return;
    }
    exit_code =
        with_client(common, "ingest", [&](Client& client) { return ingest(client, *options); });
  });
}

/// What narrows a search. `options` outlives the command.
void add_filters(CLI::App& command, SearchOptions& options) {
  command.add_option("--unit", options.unit, "Unit (id or code), with its branch");
  command.add_option("--kind", options.kind, "Kind of document");
  command.add_option("--year", options.year, "Year");
  command.add_option("--language", options.language, "Language (vi, en)");
  command.add_option("--media-type", options.media_type, "pdf, picture, document, …");
  command.add_option("--theme", options.theme, "Theme, with the narrower ones (vocabulary themes)");
  command.add_option("--audience", options.audience, "Audience (vocabulary audience)");
  command.add_option("--channel", options.channel, "Channel (vocabulary channels)");
  command.add_option("--format", options.format, "Form of the product (vocabulary formats)");
}

void add_search(CLI::App& app, Common& common, int& exit_code) {
  auto options = std::make_shared<SearchOptions>();
  auto* command = add_command(app, common, "search", "Find materials");
  command->add_option("words", options->words, "What to look for; quotes for a phrase");
  command->add_option("--as", options->as, "See what this account (or anonymous) would see");
  add_filters(*command, *options);
  command->add_option("--sort", options->sort, "relevance, newest or oldest");
  command->add_option("--limit", options->limit, "Hits to give (1 to 100)")->capture_default_str();
  command->add_option("--offset", options->offset, "Hits to pass over")->capture_default_str();
  command->callback([&common, &exit_code, options] {
    options->prints_json = common.prints_json;
    exit_code =
        with_client(common, "search", [&](Client& client) { return search(client, *options); });
  });
}

void add_bulk_edit(CLI::App& app, Common& common, int& exit_code) {
  auto options = std::make_shared<BulkEditOptions>();
  auto* command = add_command(app, common, "bulk-edit",
                              "Change many materials in one go: shows what would change");
  command->add_option("words", options->search.words, "What the materials are found by");
  add_filters(*command, options->search);
  command->add_option("--material", options->materials, "Ids of materials, in place of a search")
      ->allow_extra_args(false);
  command->add_option("--set", options->sets, "field=value, such as theme=safety;values")
      ->allow_extra_args(false);
  command->add_option("--clear", options->clears, "A field that becomes empty")
      ->allow_extra_args(false);
  command->add_option("--note", options->note, "Why; stands with the edit");
  command->add_flag("--apply", options->applies, "Change it");
  command->add_option("--undo", options->undo, "Take the edit of this id back");
  command->callback([&common, &exit_code, options] {
    exit_code = with_client(common, "bulk-edit", [&](Client& client) {
      return bulk_edit(client, *options, common.prints_json);
    });
  });
}

void add_show(CLI::App& app, Common& common, int& exit_code) {
  auto id = std::make_shared<std::string>();
  auto as = std::make_shared<std::string>();
  auto* command = add_command(app, common, "show", "Show what is known of a material");
  command->add_option("id", *id, "Id of the material")->required();
  command->add_option("--as", *as, "See what this account (or anonymous) would see");
  command->callback([&common, &exit_code, id, as] {
    exit_code = with_client(
        common, "show", [&](Client& client) { return show(client, *id, *as, common.prints_json); });
  });
}

void add_upkeep(CLI::App& app, Common& common, int& exit_code) {
  auto* verify_command = add_command(app, common, "verify",
                                     "Read everything that is stored again and name what differs");
  auto verify_options = std::make_shared<VerifyOptions>();
  auto* fast = verify_command->add_flag("--fast", verify_options->is_fast,
                                        "Look at names and lengths only, read nothing");
  verify_command
      ->add_flag("--all", verify_options->is_thorough,
                 "Read everything (this is what happens without options)")
      ->excludes(fast);
  verify_command
      ->add_option("--since", verify_options->since,
                   "Pass over what was found good since then (such as 2026-11-01T00:00:00Z)")
      ->excludes(fast);
  verify_command->callback([&common, &exit_code, verify_options] {
    verify_options->prints_json = common.prints_json;
    exit_code = with_client(common, "verify",
                            [&](Client& client) { return verify(client, *verify_options); });
  });
  auto gc_options = std::make_shared<GcOptions>();
  auto* gc = add_command(app, common, "gc", "Remove the bytes of what was deleted long enough ago");
  gc->add_option("--grace-days", gc_options->grace_days, "Days that bytes stay after deletion (30)")
      ->check(CLI::NonNegativeNumber);
  gc->add_flag("--dry-run", gc_options->only_tells, "Only say what would go");
  gc->callback([&common, &exit_code, gc_options] {
    gc_options->prints_json = common.prints_json;
    exit_code = with_client(common, "gc",
                            [&](Client& client) { return collect_garbage(client, *gc_options); });
  });
  auto* rebuild_command = add_command(
      app, common, "rebuild", "Bring catalogue, index and derived files back from the store alone");
  auto only_index = std::make_shared<bool>(false);
  auto no_wait = std::make_shared<bool>(false);
  rebuild_command->add_flag("--index", *only_index, "Only the search index");
  rebuild_command->add_flag("--no-wait", *no_wait, "Do not wait until everything is read again");
  rebuild_command->callback([&common, &exit_code, only_index, no_wait] {
    if (!*only_index) {
      exit_code =
          rebuild({data_paths(common.data), programs_folder(), !*no_wait, common.prints_json});
      return;
    }
    exit_code = with_client(common, "rebuild", [&](Client& client) {
      return rebuild_index(client, common.prints_json);
    });
  });
  auto* doctor_command =
      add_command(app, common, "doctor", "Check what this machine has and lacks");
  doctor_command->callback([&common, &exit_code] {
    exit_code = doctor(data_paths(common.data), programs_folder(), common.prints_json);
  });
  auto batch = std::make_shared<std::string>();
  auto notice = std::make_shared<std::string>();
  auto* withdraw = add_command(app, common, "withdraw", "Withdraw all materials of a batch");
  withdraw->add_option("--batch", *batch, "Id on the receipt")->required();
  withdraw->add_option("--notice", *notice, "The reason that readers see")->required();
  withdraw->callback([&common, &exit_code, batch, notice] {
    exit_code = with_client(common, "withdraw", [&](Client& client) {
      return withdraw_batch(client, *batch, *notice, common.prints_json);
    });
  });
}

void add_exchange(CLI::App& app, Common& common, int& exit_code) {
  auto what = std::make_shared<ExportOptions>();
  auto* out = add_command(app, common, "export", "Write materials with their history elsewhere");
  out->add_option("target", what->target, "Folder to be made")->required();
  out->add_option("--format", what->format, "bagit, ocfl, jsonl or csv")
      ->check(CLI::IsMember({"bagit", "ocfl", "jsonl", "csv"}))
      ->capture_default_str();
  auto* unit =
      out->add_option("--unit", what->selection.unit, "Unit (id or code), with its branch");
  out->add_option("--material", what->selection.material, "This material alone")->excludes(unit);
  out->callback([&common, &exit_code, what] {
    what->prints_json = common.prints_json;
    exit_code = with_client(common, "export",
                            [&](Client& client) { return export_archive(client, *what); });
  });
  auto bag = std::make_shared<std::filesystem::path>();
  auto* in = add_command(app, common, "import", "Take over what another archive exported (a bag)");
  in->add_option("bag", *bag, "Folder of the bag")->required();
  in->callback([&common, &exit_code, bag] { exit_code = import_bag(common, *bag); });
  auto* check = add_command(app, common, "check",
                            "Check an exported package (bag, OCFL root or OCFL object)");
  check->add_option("folder", *bag, "Folder of the package")->required();
  check->callback(
      [&common, &exit_code, bag] { exit_code = check_package(*bag, common.prints_json); });
}

void add_shares(CLI::App& app, Common& common, int& exit_code) {
  auto* share = app.add_subcommand("share", "Links that give one material to whoever holds them");
  share->require_subcommand(1);
  auto wish = std::make_shared<NewShare>();
  auto* make = add_command(*share, common, "make", "Make a link; its address is told this once");
  make->add_option("material", wish->material, "A material or press kit")->required();
  make->add_option("--recipient", wish->recipient,
                   "Who gets it; needed for what not everybody may see");
  make->add_option("--days", wish->days, "How long it opens")
      ->check(CLI::Range(1, 366))
      ->capture_default_str();
  make->add_option("--downloads", wish->downloads, "How many downloads (default: any number)")
      ->check(CLI::PositiveNumber);
  make->add_option("--kit-version", wish->kit_version, "Of a kit (default: always the newest)")
      ->check(CLI::PositiveNumber);
  make->add_flag("--password-stdin", wish->reads_password_from_stdin,
                 "Read a password from the first line of input");
  make->callback([&common, &exit_code, wish] {
    exit_code = with_client(common, "share make", [&](Client& client) {
      return make_share(client, *wish, common.prints_json);
    });
  });
  auto chosen = std::make_shared<std::string>();
  auto* list = add_command(*share, common, "list", "The links of a material, the ended ones too");
  list->add_option("material", *chosen, "A material or press kit")->required();
  list->callback([&common, &exit_code, chosen] {
    exit_code = with_client(common, "share list", [&](Client& client) {
      return list_shares(client, *chosen, common.prints_json);
    });
  });
  auto* revoke = add_command(*share, common, "revoke", "End a link at once");
  revoke->add_option("id", *chosen, "The link's id")->required();
  revoke->callback([&common, &exit_code, chosen] {
    exit_code = with_client(common, "share revoke", [&](Client& client) {
      return revoke_share(client, *chosen, common.prints_json);
    });
  });
}

void add_kits(CLI::App& app, Common& common, int& exit_code) {
  auto* kit = app.add_subcommand("kit", "Press kits");
  kit->require_subcommand(1);
  auto made = std::make_shared<NewKit>();
  auto* make = add_command(*kit, common, "make", "Begin a press kit, as a draft");
  make->add_option("title", made->title, "Its title")->required();
  make->add_option("materials", made->materials, "Ids of what it holds, in order");
  make->add_option("--release", made->release, "A text file: paragraphs, parted by empty lines");
  make->add_option("--contact", made->contact, "Whom the press may ask");
  make->add_option("--terms", made->terms, "Terms of use");
  make->add_option("--unit", made->unit, "Unit (id or code) that issues it");
  make->add_option("--visibility", made->visibility, "public, press, union, branch or unit")
      ->capture_default_str();
  make->callback([&common, &exit_code, made] {
    exit_code = with_client(common, "kit make", [&](Client& client) {
      return make_kit(client, *made, common.prints_json);
    });
  });
  struct Chosen {
    std::string id, note;
    int version = 0;
    std::filesystem::path file;
  };
  auto chosen = std::make_shared<Chosen>();
  auto* publish = add_command(*kit, common, "publish", "Publish what it holds as its next version");
  publish->add_option("id", chosen->id, "The kit")->required();
  publish->add_option("--note", chosen->note, "What a correction is about");
  publish->callback([&common, &exit_code, chosen] {
    exit_code = with_client(common, "kit publish", [&](Client& client) {
      return publish_kit(client, chosen->id, chosen->note, common.prints_json);
    });
  });
  auto* show = add_command(*kit, common, "show", "What it holds, and its versions");
  show->add_option("id", chosen->id, "The kit")->required();
  show->callback([&common, &exit_code, chosen] {
    exit_code = with_client(common, "kit show", [&](Client& client) {
      return show_kit(client, chosen->id, common.prints_json);
    });
  });
  auto* save = add_command(*kit, common, "save", "Write the ZIP of a version to a file");
  save->add_option("id", chosen->id, "The kit")->required();
  save->add_option("file", chosen->file, "A file that is not there yet")->required();
  save->add_option("--version", chosen->version, "Which version (default: the newest)")
      ->check(CLI::PositiveNumber);
  save->callback([&common, &exit_code, chosen] {
    exit_code = with_client(common, "kit save", [&](Client& client) {
      return save_kit(client, chosen->id, chosen->version, chosen->file, common.prints_json);
    });
  });
}

void add_backups(CLI::App& app, Common& common, int& exit_code) {
  auto options = std::make_shared<BackupOptions>();
  auto only_checks = std::make_shared<bool>(false);
  auto* backup_command =
      add_command(app, common, "backup", "Bring a backup set up to the archive's present state");
  backup_command
      ->add_option("set", options->target,
                   "Folder, or s3://BUCKET/PREFIX?endpoint=URL (credentials: the environment, or "
                   "&credentials=FILE)")
      ->required();
  backup_command->add_option("--keep", options->kept_runs, "How many runs stay")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  backup_command->add_flag(
      "--with-audit-key", options->takes_audit_key,
      "Also take the key that signs the audit chain: whoever holds the set can "
      "then sign in the archive's name");
  auto* check = backup_command->add_flag(
      "--check", *only_checks, "Only read the set again and name what differs; needs no archive");
  backup_command->add_option("--run", options->run, "Which run to check (default: the newest)")
      ->needs(check);
  backup_command->callback([&common, &exit_code, options, only_checks] {
    options->prints_json = common.prints_json;
    exit_code =
        *only_checks ? check_backup(*options) : with_client(common, "backup", [&](Client& client) {
          return backup(client, *options);
        });
  });
  auto source = std::make_shared<RestoreOptions>();
  auto no_wait = std::make_shared<bool>(false);
  auto* restore_command = add_command(app, common, "restore",
                                      "Bring an archive back from a backup set into an empty "
                                      "data folder, and prove it");
  restore_command->add_option("set", source->source, "Folder or s3 address, as for backup")
      ->required();
  restore_command->add_option("--run", source->run, "Which run (default: the newest)");
  restore_command->add_flag("--no-wait", *no_wait, "Do not wait until everything is read again");
  restore_command->callback([&common, &exit_code, source, no_wait] {
    source->paths = data_paths(common.data);
    source->programs = programs_folder();
    source->waits = !*no_wait;
    source->prints_json = common.prints_json;
    exit_code = restore(*source);
  });
}

void add_audit(CLI::App& app, Common& common, int& exit_code) {
  auto* audit = app.add_subcommand("audit", "The chain of every change");
  audit->require_subcommand(1);
  const auto bind = [&](CLI::App* command, const char* name, auto run) {
    command->callback([&common, &exit_code, name, run] {
      exit_code = with_client(common, name, [&](Client& client) { return run(client, common); });
    });
  };
  auto kept = std::make_shared<std::string>();
  auto* prove =
      add_command(*audit, common, "verify", "Prove the chain, or name what was touched first");
  prove->add_option("--checkpoint", *kept, "File with a checkpoint that was kept elsewhere");
  bind(prove, "audit verify", [kept](Client& client, const Common& how) {
    return verify_audit(client, *kept, how.prints_json);
  });
  auto range = std::make_shared<std::pair<std::uint64_t, std::uint64_t>>(1, 100);
  auto* list = add_command(*audit, common, "list", "Entries in order");
  list->add_option("--from", range->first, "Number of the first")->capture_default_str();
  list->add_option("--limit", range->second, "How many, at most 1000")->capture_default_str();
  bind(list, "audit list", [range](Client& client, const Common& how) {
    return list_audit(client, range->first, range->second, how.prints_json);
  });
  auto* checkpoint = add_command(*audit, common, "checkpoint",
                                 "Sign the chain now and print what to keep elsewhere");
  bind(checkpoint, "audit checkpoint",
       [](Client& client, const Common& how) { return print_checkpoint(client, how.prints_json); });
  auto* key = add_command(*audit, common, "new-key", "Make a new key that signs from now on");
  bind(key, "audit new-key",
       [](Client& client, const Common& how) { return change_audit_key(client, how.prints_json); });
}

void add_retention(CLI::App& app, Common& common, int& exit_code) {
  const auto bind = [&](CLI::App* command, const char* name, auto run) {
    command->callback([&common, &exit_code, name, run] {
      exit_code = with_client(common, name,
                              [&](Client& client) { return run(client, common.prints_json); });
    });
  };
  auto* retention = app.add_subcommand("retention", "How long what is in the archive is kept");
  retention->require_subcommand(1);
  bind(add_command(*retention, common, "list", "The classes, by kind"), "retention list",
       list_retention);
  auto change = std::make_shared<RetentionChange>();
  auto* set = add_command(*retention, common, "set", "Set the class of a kind");
  set->add_option("kind", change->kind, "Kind, such as cong_van")->required();
  set->add_option("term", change->term, "permanent, or years; without it the kind has no class");
  set->add_option("--basis", change->basis, "The rule it stands on");
  bind(set, "retention set", [change](Client& client, bool prints_json) {
    return set_retention(client, *change, prints_json);
  });
  auto before = std::make_shared<std::string>();
  auto* due = add_command(*retention, common, "due", "What may be destroyed");
  due->add_option("--before", *before, "On this day, such as 2026-12-31 (default: today)");
  bind(due, "retention due", [before](Client& client, bool prints_json) {
    return list_due(client, *before, prints_json);
  });
}

void add_disposal(CLI::App& app, Common& common, int& exit_code) {
  const auto bind = [&](CLI::App* command, const char* name, auto run) {
    command->callback([&common, &exit_code, name, run] {
      exit_code = with_client(common, name,
                              [&](Client& client) { return run(client, common.prints_json); });
    });
  };
  auto* disposal = app.add_subcommand("disposal", "The paper trail of destroying what is due");
  disposal->require_subcommand(1);
  bind(add_command(*disposal, common, "list", "All disposals, newest first"), "disposal list",
       list_disposals);
  auto step = std::make_shared<DisposalStepOptions>();
  auto materials = std::make_shared<std::vector<std::string>>();
  auto* begin = add_command(*disposal, common, "begin", "Begin a list of materials");
  begin->add_option("materials", *materials, "Ids")->required();
  begin->add_option("--note", step->note, "What the list is");
  bind(begin, "disposal begin", [materials, step](Client& client, bool prints_json) {
    return begin_disposal(client, *materials, step->note, prints_json);
  });
  auto as_csv = std::make_shared<bool>(false);
  auto* show = add_command(*disposal, common, "show", "One disposal whole");
  show->add_option("id", step->id, "Id")->required();
  show->add_flag("--csv", *as_csv, "The list as a table, for the annex of the minutes");
  bind(show, "disposal show", [step, as_csv](Client& client, bool prints_json) {
    return show_disposal(client, step->id, *as_csv, prints_json);
  });
  auto* take = add_command(*disposal, common, "step", "Bring a disposal into its next state");
  take->add_option("id", step->id, "Id")->required();
  take->add_option("state", step->state, "What it becomes")
      ->required()
      ->check(CLI::IsMember({"appraised", "approved", "executed", "cancelled"}));
  take->add_option("--document", step->document, "Id of the material with the document");
  take->add_option("--note", step->note, "Remarks");
  bind(take, "disposal step", [step](Client& client, bool prints_json) {
    return step_disposal(client, *step, prints_json);
  });

  auto options = std::make_shared<ErasureOptions>();
  auto* command = add_command(app, common, "erase",
                              "Erase a material for the sake of personal data (two persons)");
  command->add_option("id", options->id, "Id")->required();
  command->add_option("--ground", options->ground, "The rule or request; names no person");
  command->add_option("--minutes", options->minutes, "Id of the material with the minutes");
  command->add_flag("--approve", options->approves, "Approve what another person asked for");
  bind(command, "erase", [options](Client& client, bool prints_json) {
    return erase(client, *options, prints_json);
  });
}

void add_mail(CLI::App& app, Common& common, int& exit_code) {
  auto* mail = app.add_subcommand("mail", "Mail that the archive sends");
  mail->require_subcommand(1);
  auto address = std::make_shared<std::string>();
  auto* test = add_command(*mail, common, "test", "Send a test mail as config.toml says");
  test->add_option("address", *address, "To whom")->required();
  test->callback([&common, &exit_code, address] {
    exit_code = test_mail(data_paths(common.data), *address, common.prints_json);
  });
}

void add_people(CLI::App& app, Common& common, int& exit_code) {
  auto* unit = app.add_subcommand("unit", "Units of the union");
  unit->require_subcommand(1);
  auto file = std::make_shared<std::string>();
  auto* import =
      add_command(*unit, common, "import", "Add or change units from a table (CSV or xlsx)");
  import
      ->add_option("file", *file,
                   "Table with code, name_vi, name_en, level, kind, parent, valid_from, valid_to, "
                   "successors, members_2025…, address, telephone, email, website")
      ->required();
  import->callback([&common, &exit_code, file] {
    exit_code = with_client(common, "unit import", [&](Client& client) {
      return import_units(client, *file, programs_folder(), common.prints_json);
    });
  });
  auto* list = add_command(*unit, common, "list", "All units");
  list->callback([&common, &exit_code] {
    exit_code = with_client(common, "unit list",
                            [&](Client& client) { return list_units(client, common.prints_json); });
  });

  for (const auto& [action, help] :
       {std::pair{"merge", "Close units, which go into another"},
        std::pair{"split", "Close a unit, after which come several"},
        std::pair{"move", "Put units beneath another"}, std::pair{"close", "Close units"}}) {
    auto decision = std::make_shared<UnitDecision>();
    decision->action = action;
    auto* change = add_command(*unit, common, action, help);
    change->add_option("units", decision->units, "Units (id or code)")->required();
    change->add_option("--into", decision->into, "The unit or units that follow, or are above");
    change->add_option("--day", decision->day, "First day on which it holds: 2025-07-01")
        ->required();
    change->add_option("--why", decision->why, "The decision's number and date");
    change->add_flag("--preview", decision->is_preview,
                     "Say what would change, and change nothing");
    change->callback([&common, &exit_code, decision] {
      exit_code = with_client(common, "unit " + decision->action, [&](Client& client) {
        return change_units(client, *decision, common.prints_json);
      });
    });
  }

  auto* user = app.add_subcommand("user", "Accounts");
  user->require_subcommand(1);
  auto person = std::make_shared<NewUser>();
  auto* add = add_command(*user, common, "add", "Create an account");
  add->add_option("name", person->name, "Name to sign in with")->required();
  add->add_option("--unit", person->unit, "Unit (id or code) at which the role holds");
  add->add_option("--role", person->role,
                  "reader, contributor, archivist, editor, spokesperson or administrator");
  add->add_option("--kind", person->kind, "union_person or press")
      ->check(CLI::IsMember({"union_person", "press"}));
  add->add_flag("--password-stdin", person->reads_password_from_stdin,
                "Read the password from the first line of input")
      ->required();
  add->callback([&common, &exit_code, person] {
    person->prints_json = common.prints_json;
    exit_code =
        with_client(common, "user add", [&](Client& client) { return add_user(client, *person); });
  });
  auto* invite =
      add_command(*user, common, "invite", "Make a link by which a person chooses a password");
  invite->add_option("name", person->name, "Name to sign in with")->required();
  invite->add_option("--unit", person->unit, "Unit (id or code) at which the role holds");
  invite
      ->add_option("--role", person->role,
                   "reader, contributor, archivist, editor, spokesperson or administrator")
      ->required();
  invite->callback([&common, &exit_code, person] {
    person->prints_json = common.prints_json;
    exit_code = with_client(common, "user invite",
                            [&](Client& client) { return invite_user(client, *person); });
  });
  auto* reset = add_command(*user, common, "reset",
                            "End an account's sessions and make a link to a new password");
  reset->add_option("name", person->name, "Account")->required();
  reset->callback([&common, &exit_code, person] {
    exit_code = with_client(common, "user reset", [&](Client& client) {
      return reset_user(client, person->name, common.prints_json);
    });
  });
  auto given = std::make_shared<NewGrant>();
  auto* grant = add_command(*user, common, "grant", "Give an account a further role");
  grant->add_option("name", given->name, "Account")->required();
  grant->add_option("--unit", given->unit, "Unit (id or code) at which the role holds")->required();
  grant
      ->add_option("--role", given->role,
                   "reader, contributor, archivist, editor, spokesperson or administrator")
      ->required();
  grant->add_option("--until", given->until, "When it ends, as 2026-12-31T17:00:00Z");
  grant->callback([&common, &exit_code, given] {
    exit_code = with_client(common, "user grant", [&](Client& client) {
      return grant_role(client, *given, common.prints_json);
    });
  });
  auto wish = std::make_shared<NewToken>();
  auto* token = add_command(*user, common, "token", "Make an API token for an account");
  token->add_option("name", wish->name, "Account")->required();
  token->add_option("--label", wish->label, "What it is for");
  token->add_option("--scope", wish->scope, "read or write")
      ->check(CLI::IsMember({"read", "write"}));
  token->add_option("--days", wish->days, "How long it holds")->check(CLI::Range(1, 366));
  token->callback([&common, &exit_code, wish] {
    exit_code = with_client(common, "user token", [&](Client& client) {
      return make_token(client, *wish, common.prints_json);
    });
  });
}

int run(int argc, char** argv) {
  CLI::App app("Kho Chung: kho tư liệu dùng chung của Công đoàn Việt Nam", "khochung");
  app.set_version_flag("--version", KHOCHUNG_VERSION);
  app.require_subcommand(1);
  Common common;
  int exit_code = 0;
  add_serve(app, common, exit_code);
  add_ingest(app, common, exit_code);
  add_search(app, common, exit_code);
  add_bulk_edit(app, common, exit_code);
  add_show(app, common, exit_code);
  add_upkeep(app, common, exit_code);
  add_exchange(app, common, exit_code);
  add_audit(app, common, exit_code);
  add_kits(app, common, exit_code);
  add_shares(app, common, exit_code);
  add_backups(app, common, exit_code);
  add_retention(app, common, exit_code);
  add_disposal(app, common, exit_code);
  add_people(app, common, exit_code);
  add_mail(app, common, exit_code);
  catch_interrupts();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : face_of(ErrorCode::bad_input).exit_code;
  }
  return exit_code;
}

}  // namespace
}  // namespace khochung::app

int main(int argc, char** argv) {
  try {
    return khochung::app::run(argc, argv);
  } catch (const std::exception& error) {
    return khochung::app::print_error({khochung::ErrorCode::internal, error.what()}, false);
  }
}
