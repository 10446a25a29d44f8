;;; query.scm -- questions to the store: relations, comparisons, and miniKanren around them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;;   (use-modules (sheepdog query))
;;;   (open-herd "/var/lib/sheepdog")
;;;   (run* (host service since) (statuso host service 'critical since))
;;;
;;; What is where, each in (sheepdog query NAME):
;;;   relations   what the store knows, declared
;;;   relation    how they are declared; tables, what is known of the tables that they are in
;;;   call        goals that are calls of them
;;;   type        what the columns of relations have as values
;;;   comparison  <o and its like; comparison-text has those of texts and versions
;;;   computation durationo, pluso and their like
;;;   operation   how comparisons and computations are declared, and made
;;;   written     goals know how and where they were written
;;;   negation    noto and someo
;;;   aggregate   counto, groupo and their like; tally adds up for them
;;;   ordering    ordero and limito
;;;   user-relation  define-relation
;;;   waiting     comparisons, negations and their like wait for what they are about
;;;   plan        which goals of a conjunction the store is asked, in one SELECT, and what is searched:
;;;               the goals (plan/conjunction) are items (plan/item), these a block of tables
;;;               (plan/block, scope, operand, comparing, computing), and that a text (plan/select),
;;;               kept by its shape (plan/statement); explain and why tell of it
;;;   outer       what they name of the variables around them
;;;   glob        patterns of text
;;;   time        (ago (days 30))
;;;   herd        the store that is asked
(define-module (sheepdog query)
  #:use-module (sheepdog kanren)
  #:use-module ((sheepdog kanren extend) #:select (set-default-planner!))
  #:use-module (sheepdog query aggregate)
  #:use-module (sheepdog query call)
  #:use-module (sheepdog query comparison)
  #:use-module (sheepdog query comparison-text)
  #:use-module (sheepdog query computation)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query negation)
  #:use-module (sheepdog query ordering)
  #:use-module (sheepdog query plan)
  #:use-module (sheepdog query relations)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query user-relation)
  #:use-module ((sheepdog query waiting) #:select (let-late-goals-ask-store!))
  #:use-module (sheepdog unit)
  #:re-export (;; The store
               open-herd close-herd current-herd
               ;; Relations
               hosto facto fact-duringo packageo package-duringo
               serviceo statuso stateo interruptiono incidento expectationo
               reporto evento runo run-useo run-signalo sampleo
               define-store-relation define-relation user-relations
               ;; Comparisons
               <o <=o >o >=o betweeno overlapso
               matcheso containso version<o guix-version<o
               ;; Computations
               durationo withino pluso timeso dayo
               ;; Negation
               noto someo
               ;; Aggregates, order, limit
               counto sumo mino maxo avgo mediano groupo
               ordero limito
               ;; Times and units
               ago at today current-present current-moment
               milliseconds seconds minutes hours days weeks
               kibibytes mebibytes gibibytes tebibytes
               ;; miniKanren
               run run* run-for-each
               defrel fresh conde conda condu onceo project
               matche lambdae defmatche
               == =/= symbolo numbero stringo absento
               succeed fail))

(set-default-planner! plan-conjunction)
(let-late-goals-ask-store! ask-for-late-goal)
