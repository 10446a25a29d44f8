% five.pl -- the five questions in Prolog, on facts in memory.
% SPDX-License-Identifier: GPL-3.0-or-later
%
% swipl -g main five.pl -- FACTS: loads FACTS (see herd/facts.scm) and prints in how many seconds; then for
% each line of input, the name of a question, asks it and prints the milliseconds and how many answers
% there are.
%
% Each predicate is indexed by its first argument, or by others as SWI-Prolog finds it fit. What a
% question seeks by time is found by its day; HostDay is 100000 * host + day.

:- use_module(library(aggregate)).
:- use_module(library(readutil)).
:- use_module(library(solution_sequences)).

:- table interruption/3.

present(1767225600000000).
day(86400000000).

ago(Days, Time) :- present(Present), day(Day), Time is Present - Days * Day.

interruption(Service, Since, Until) :-
    findall(state(S, U, Status), state(Service, S, U, Status), States),
    interruption_in(States, Since, Until).

% A service without a state before was ok.
interruption_in([state(_, _, 0)|States], Since, Until) :- !,
    interruption_in(States, Since, Until).
interruption_in([state(S, U, _)|States], Since, Until) :-
    interruption_end(States, U, End, Rest),
    (   Since = S, Until = End
    ;   interruption_in(Rest, Since, Until)
    ).

interruption_end([state(_, U, Status)|States], _, End, Rest) :- Status =\= 0, !,
    interruption_end(States, U, End, Rest).
interruption_end(States, U, U, States).

question(interruptions, [Host, Service, Since]) :-
    ago(30, Month),
    fact(H, 'host.memory', Memory), Memory < 4294967296,
    fact(H, 'package.nginx', '1.24.0-2'),
    host(H, Host),
    service(S, H, Service),
    interruption(S, Since, Until), Until > Month.

% The runs of a service are there from the newest to the oldest.
question(backups, Host) :-
    ago(7, Week),
    host(H, Host),
    \+ ( service(S, H, backup), run(S, succeeded, Ended), Ended > Week ).

question(changes, [Host, Service, Package, Version, Failed]) :-
    ago(30, Month), present(Present), day(Day),
    First is Month // Day, Last is Present // Day,
    between(First, Last, D),
    failure(D, S, Failed), Failed > Month,
    service(S, H, Service),
    ( HostDay is 100000 * H + D ; HostDay is 100000 * H + D - 1 ),
    change(HostDay, Package, Version, Changed),
    Changed =< Failed, Changed >= Failed - Day,
    host(H, Host).

question(downtime, [Host, Service, Down]) :-
    limit(10, order_by([desc(Down)],
                       ( service(S, H, Service),
                         aggregate_all(sum(U - Since), interruption(S, Since, U), Down) ))),
    host(H, Host).

question(growth, Host) :-
    ago(7, Week), present(Present), day(Day),
    First is Week // Day, Last is Present // Day,
    host(H, Host),
    once(( between(First, Last, D), HostDay is 100000 * H + D,
           used(HostDay, Time, Then), Time >= Week )),
    once(( between(0, 7, N), Newest is 100000 * H + Last - N,
           aggregate_all(max(T, V), ( used(Newest, T, V), T >= Week ), max(_, Now)) )),
    Now > 1.1 * Then.

ask(Name, Milliseconds, Count) :-
    get_time(Start),
    findall(Answer, question(Name, Answer), Answers),
    get_time(End),
    Milliseconds is 1000 * (End - Start),
    length(Answers, Count).

main :-
    current_prolog_flag(argv, [Facts|_]),
    get_time(Start),
    load_files(Facts, [silent(true)]),
    get_time(Loaded),
    Seconds is Loaded - Start,
    tell("~1f~n", [Seconds]),
    prompt(_, ''),
    answer_lines,
    halt.

answer_lines :-
    read_line_to_string(user_input, Line),
    (   Line == end_of_file
    ->  true
    ;   atom_string(Name, Line),
        ask(Name, Milliseconds, Count),
        tell("~3f ~d~n", [Milliseconds, Count]),
        answer_lines
    ).

% Whoever asks waits for the line.
tell(Format, Arguments) :-
    format(Format, Arguments),
    flush_output.
