;;; kanren.scm -- miniKanren: relations, goals, and questions to them
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (sheepdog kanren)
  #:use-module (sheepdog kanren goal)
  #:use-module (sheepdog kanren match)
  #:use-module (sheepdog kanren run)
  #:re-export (run run* run-for-each
               defrel fresh conde conda condu onceo project
               matche lambdae defmatche
               == =/= symbolo numbero stringo absento
               succeed fail))
