package io.lavis4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.config.ConfigException;
import io.lavis4j.distributed.Rendezvous;
import io.lavis4j.io.FileNames;
import io.lavis4j.tensor.PromptExit;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The program. */
@Command(
        name = "lavis4j",
        description = "BLIP-2 training, evaluation and captioning on libtorch.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:the job failed",
            "2:the command or the configuration is wrong",
            "3:another process of the job failed or was lost",
            "130, 143:a signal, INT or TERM, ended it"
        },
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            LaunchCommand.class,
            CaptionCommand.class,
            EstimateCommand.class,
            DoctorCommand.class,
            DataCommand.class,
            ConvertCommand.class,
            ScoreCommand.class,
            ReportCommand.class,
            ReproduceCommand.class,
            SherlockCommand.class,
            QuickstartCommand.class,
            DownloadCommand.class,
            ZooCommand.class
        })
public final class Main {

    static final int FAILED = 1;
    static final int LOST = 3;
    private static final int WRONG_USE = 2;
    private static final String LOG_SETTINGS = "logback.configurationFile";
    private static final String LOG_ITSELF = "slf4j.internal.verbosity";

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean debug;

    private Main() {}

    /** Runs a command and exits with its status. */
    public static void main(String[] arguments) {
        Launched.endWithLaunch();
        PromptExit.install();
        int status = run(new PrintWriter(System.out, true, UTF_8), new PrintWriter(System.err, true, UTF_8), arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** Runs a command: results go to {@code out}, errors to {@code err}. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        if (System.getProperty(LOG_SETTINGS) == null) {
            System.setProperty(LOG_SETTINGS, "io/lavis4j/cli/logback.xml");
            quietUnlessFirst(Rendezvous.rank(System::getenv));
        }
        // what a thread logs while another sets the log up comes a little later, which is no reason for a warning
        if (System.getProperty(LOG_ITSELF) == null) {
            System.setProperty(LOG_ITSELF, "ERROR");
        }
        try (var libtorch = new LibtorchAhead()) {
            List.of(arguments).forEach(FileNames::requireReadable);
            return commandLine(libtorch).setOut(out).setErr(err).execute(arguments);
        } catch (InvalidPathException e) {
            err.println("error: " + e.getMessage());
            return WRONG_USE;
        } catch (VirtualMachineError | LinkageError e) {
            err.println("error: "
                    + (e instanceof ExceptionInInitializerError && e.getCause() != null ? message(e.getCause()) : e));
            return FAILED;
        }
    }

    /** What the settings of the log refer to: only rank 0 says how it gets on. */
    private static void quietUnlessFirst(int rank) {
        if (rank > 0) {
            System.setProperty("lavis4j.log.level", "warn");
            System.setProperty("lavis4j.log.rank", Launched.isSo() ? "" : "[rank %d] ".formatted(rank));
        }
    }

    /** The commands and how their errors are shown. */
    static CommandLine commandLine() {
        return commandLine(new LibtorchAhead());
    }

    private static CommandLine commandLine(LibtorchAhead libtorch) {
        var main = new Main();
        var commands = new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false) // "@home" is an argument like others
                .setExecutionStrategy(parsed -> execute(parsed, libtorch))
                .setExecutionExceptionHandler((error, command, result) -> main.report(error, command));
        Objects.requireNonNull(commands.getSubcommands().get("launch"))
                .setStopAtPositional(true); // what follows is another command
        return commands;
    }

    private static int execute(ParseResult parsed, LibtorchAhead libtorch) {
        var command = parsed.subcommand();
        if (command == null && !parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
            throw new CommandLine.ParameterException(
                    parsed.commandSpec().commandLine(), "expected a command; quickstart is a good first one");
        }
        if (command != null && !command.isUsageHelpRequested() && !command.isVersionHelpRequested()) {
            libtorch.beginFor(command.commandSpec().name());
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private int report(Exception error, CommandLine command) {
        PrintWriter err = command.getErr();
        if (debug) {
            error.printStackTrace(err);
        } else {
            err.println(Ansi.AUTO.string("@|bold,red error:|@ ") + message(error));
            err.flush();
        }
        return error instanceof ConfigException || error instanceof InvalidPathException ? WRONG_USE : FAILED;
    }

    /** The message; an error without one is ours, and its kind and place are all there is to say. */
    static String message(Throwable error) {
        String message = error instanceof InvalidPathException path
                ? FileNames.explained(path).getMessage()
                : error.getMessage();
        if (message != null && !message.isBlank() && !(error instanceof NullPointerException)) {
            return message;
        }
        var trace = error.getStackTrace();
        return "%s at %s; this is a mistake in lavis4j, --debug shows more"
                .formatted(error.getClass().getSimpleName(), trace.length == 0 ? "an unknown place" : trace[0]);
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"lavis4j " + (version == null ? "(not packaged)" : version)};
        }
    }
}
