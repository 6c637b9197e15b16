//! What a script is made of. Every node knows its bytes in the text it came from.

use std::ops::Range;

/// A script of sh or bash, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The first line, when it names an interpreter.
    pub shebang: Option<Shebang>,
    /// The commands; those before a syntax error are kept.
    pub body: List,
    /// What the shell would refuse. A shell runs what stands before it, so the model holds that too.
    pub error: Option<SyntaxError>,
    /// Syntax that bash knows and a plain sh does not, in the order of the text.
    pub extensions: Vec<Extension>,
    /// The first line end of DOS, if there is one.
    pub carriage_return: Option<Range<usize>>,
    /// How many commands, words and expansions it has.
    pub parts: usize,
}

impl Script {
    /// The bytes it takes without its texts, about.
    pub(in crate::deploy) const fn cost(&self) -> usize {
        140 * (1 + self.parts)
    }
}

/// `#!interpreter argument`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shebang {
    /// The program, as it is written.
    pub interpreter: String,
    /// What follows; the kernel passes it as one argument.
    pub argument: String,
    /// The line without its end.
    pub span: Range<usize>,
}

/// Why a text is no script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// A sentence without its place.
    pub message: String,
    /// The place: where the construct that is wrong begins.
    pub span: Range<usize>,
    /// A bound of this program, and no mistake: what stands behind it is not judged.
    pub limit: bool,
}

/// Syntax of bash outside POSIX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Which one.
    pub kind: ExtensionKind,
    /// Where it begins.
    pub span: Range<usize>,
}

/// Which syntax a plain sh does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtensionKind {
    /// `a=(1 2)`, which ends a script of sh with a syntax error.
    Array,
    /// `<(command)`, a syntax error too.
    ProcessSubstitution,
    /// `<<< text`, a syntax error too.
    HereString,
    /// `[[ … ]]`.
    DoubleBracket,
    /// `(( … ))` as a command, and `for ((…))`.
    ArithmeticCommand,
    /// `function name`.
    FunctionKeyword,
    /// `&> file`, in sh a background process and an empty file.
    RedirectBoth,
    /// `|&`.
    PipeBoth,
    /// `${name^^}`, `${name//a/b}`, `${name:0:1}`, `${!name}`.
    ParameterOperator,
}

/// Commands one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// The commands.
    pub items: Vec<Item>,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The first pipeline and those joined to it.
    pub chain: Vec<Link>,
    /// Whether `&` ends it.
    pub background: bool,
    /// From its first command to its last.
    pub span: Range<usize>,
}

/// A pipeline of an and-or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How it is joined to the one before it.
    pub joined: Join,
    /// The pipeline.
    pub pipeline: Pipeline,
}

/// What stands before a pipeline of an and-or list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Nothing: it is the first.
    First,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands that run side by side, joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Whether `!` turns its status round.
    pub negated: bool,
    /// At least one.
    pub commands: Vec<Command>,
    /// From its first command to its last.
    pub span: Range<usize>,
}

/// A command with its redirections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub kind: CommandKind,
    /// In the order they are written.
    pub redirects: Vec<Redirect>,
    /// All of it, redirections included.
    pub span: Range<usize>,
}

/// The forms of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandKind {
    /// Assignments and words.
    Simple(Simple),
    /// `( … )`
    Subshell(List),
    /// `{ …; }`
    Group(List),
    /// `if`, with one branch per condition.
    If {
        /// Conditions and what they lead to.
        branches: Vec<Branch>,
        /// `else`.
        otherwise: Option<List>,
    },
    /// `while` and `until`.
    Loop {
        /// Whether it is `until`.
        until: bool,
        /// Asked before each round.
        condition: List,
        /// One round.
        body: List,
    },
    /// `for` and `select` over words.
    For {
        /// The variable of a round.
        variable: String,
        /// What it takes, one after the other; without `in`, the script's arguments.
        words: Option<Vec<Word>>,
        /// One round.
        body: List,
    },
    /// `for ((…))`.
    ForArithmetic {
        /// What stands in the parentheses.
        header: String,
        /// One round.
        body: List,
    },
    /// `case`.
    Case {
        /// What is compared.
        subject: Word,
        /// Patterns and what they lead to.
        arms: Vec<Arm>,
    },
    /// A definition, run only when it is called.
    Function {
        /// Its name.
        name: String,
        /// What a call runs.
        body: Box<Command>,
    },
    /// `[[ … ]]`: its words.
    Test(Vec<Word>),
    /// `(( … ))`: what stands in it.
    Arithmetic(String),
}

/// A condition of `if` and what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// What is asked.
    pub condition: List,
    /// What is run then.
    pub body: List,
}

/// An arm of `case`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// Any of which may match.
    pub patterns: Vec<Word>,
    /// What is run then.
    pub body: List,
}

/// Assignments and words: the name of a command and its arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    /// `NAME=value` before the command's name.
    pub assignments: Vec<Assignment>,
    /// The command's name and its arguments; empty when there are assignments or redirections only.
    pub words: Vec<Word>,
}

/// `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// What it becomes; an array has no word.
    pub value: Option<Word>,
    /// All of it.
    pub span: Range<usize>,
}

/// Where a command reads from or writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The number before the operator.
    pub descriptor: Option<u32>,
    /// The operator.
    pub operator: RedirectOperator,
    /// A file, a descriptor, the text of a here-string or the delimiter of a here-document.
    pub target: Word,
    /// From the number or operator to the target's end.
    pub span: Range<usize>,
}

/// The operators of redirection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectOperator {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `>&`
    DuplicateOutput,
    /// `<&`
    DuplicateInput,
    /// `&>`
    WriteBoth,
    /// `&>>`
    AppendBoth,
    /// `<<` and `<<-`
    HereDocument,
    /// `<<<`
    HereString,
}

/// One word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Its parts, quotes taken off.
    pub parts: Vec<Part>,
    /// As it is written, quotes included.
    pub span: Range<usize>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that is what it says.
    Literal(String),
    /// `$name`, `${name}`, `${name:-default}`.
    Parameter(Box<Parameter>),
    /// `$(…)` and `` `…` ``.
    Substitution(List),
    /// `$((…))`: what stands in it.
    Arithmetic(String),
    /// `<(…)` and `>(…)`.
    Process(List),
}

/// A use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, or `@`, `1`, `?` …
    pub name: String,
    /// What is done with it, such as `:-`.
    pub operator: String,
    /// What the operator is given.
    pub argument: Option<Box<Word>>,
}
